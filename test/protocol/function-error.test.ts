import * as assert from "uvu/assert";
import { recordedErrorType } from "../../src/protocol/function-error.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("recordedErrorType()");

const table = [
  ["Runtime.ImportModuleError", "Runtime.ImportModuleError"],
  ["Function.Bar", "Function.Bar"],
  ["Function.bar", "Function.Unknown"],
  ["Foo", "Runtime.Unknown"],
  [undefined, "Runtime.Unknown"],
  ["my.Runtime.Thing", "my.Runtime.Thing"],
] as const;

for (const [reported, recorded] of table) {
  test(`records ${reported ?? "nothing"} as ${recorded}`, () => assert.is(recordedErrorType(reported), recorded));
}

test.run();
