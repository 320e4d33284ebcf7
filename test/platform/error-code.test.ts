import { runInNewContext } from "node:vm";
import * as assert from "uvu/assert";
import { errorCode } from "../../src/platform/error-code.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("errorCode()");

for (const [name, error, code] of [
  ["an error of Node's", Object.assign(new Error("no such process"), { code: "ESRCH" }), "ESRCH"],
  ["one of another context", runInNewContext('Object.assign(new Error("x"), { code: "ESRCH" })'), "ESRCH"],
  ["an error without a code", new Error("x"), undefined],
  ["what is no error", undefined, undefined],
] as const) {
  test(`reads that of ${name}`, () => assert.is(errorCode(error), code));
}

test.run();
