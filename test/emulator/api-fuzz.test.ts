import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { fuzz } from "./api-fuzz.ts";

const test = suite("the environment's API");

for (const seed of [1, 2, 3, 4]) {
  test(`survives 300 requests that nobody would send, and each invocation gets one result (seed ${seed})`, async () => {
    const { statuses, invocations } = await fuzz({ cases: 300, seed });
    assert.ok(invocations > 10);
    // Which of the others come depends on what the machine does meanwhile.
    for (const status of ["400", "403", "404", "405"]) assert.ok((statuses[status] ?? 0) > 0, status);
    assert.is(statuses["500"], undefined);
  });
}

test.run();
