/** The variables of the official emulator, as our stand-in for it reads them. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { rieConfiguration } from "../../src/cli/rie/rie-configuration.ts";
import { parseConfiguration } from "../../src/emulator/function-configuration.ts";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { profiles } from "../../src/protocol/profile.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("bootlace rie:");

test("reads the official emulator's variables, and passes the others on", () => {
  const variables = {
    AWS_LAMBDA_FUNCTION_TIMEOUT: "7",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_FUNCTION_NAME: "mine",
    AWS_LAMBDA_FUNCTION_HANDLER: "app.main",
    _HANDLER: "other.main",
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "key",
    COLOUR: "blue",
    "BASH_FUNC_x%%": "() { :; }",
  };
  const read = parseConfiguration(rieConfiguration(variables, undefined));
  assert.is(`${read.functionName} ${read.handler} ${read.timeoutMs} ${read.memoryMb}`, "mine app.main 7000 512");
  assert.is(read.region, "eu-west-1");
  assert.equal(read.environment, {
    AWS_LAMBDA_FUNCTION_TIMEOUT: "7",
    AWS_LAMBDA_FUNCTION_HANDLER: "app.main",
    AWS_ACCESS_KEY_ID: "key",
    COLOUR: "blue",
  });
});

test("passes on more variables than the service takes, and runs code of any size, as a container has them", async () => {
  const long = "a".repeat(5_000);
  const input = rieConfiguration({ LONG: long }, undefined);
  assert.equal(parseConfiguration(input, profiles.rie).environment, { LONG: long });
  const task = mkdtempSync(join(tmpdir(), "rie-large-"));
  try {
    writeFileSync(join(task, "large"), "");
    truncateSync(join(task, "large"), 300 * 1024 * 1024);
    const isolation = { kind: "none", reason: "a test" } as const;
    await using _lambda = await LambdaFunction.create({ ...input, task, isolation, profile: "rie" });
    await rejects(LambdaFunction.create({ task, isolation }), /bytes unzipped, and Lambda takes 262144000/);
    await rejects(LambdaFunction.create({ ...input, task, isolation }), /names and values of 4096 bytes together/);
  } finally {
    rmSync(task, { recursive: true });
  }
});

test("has the official emulator's values where a variable is not set, or empty", () => {
  const read = parseConfiguration(rieConfiguration({ AWS_LAMBDA_FUNCTION_TIMEOUT: "" }, undefined));
  assert.is(`${read.functionName} ${read.timeoutMs} ${read.memoryMb}`, "test_function 300000 3008");
});

test("takes the handler of the command line before that of a variable", () => {
  assert.is(rieConfiguration({ _HANDLER: "a.b" }, "c.d").handler, "c.d");
  assert.is(rieConfiguration({ _HANDLER: "a.b" }, undefined).handler, "a.b");
});

test("names the variable that is wrong", () => {
  assert.throws(
    () => rieConfiguration({ AWS_LAMBDA_FUNCTION_TIMEOUT: "1.5" }, undefined),
    /^The variable AWS_LAMBDA_FUNCTION_TIMEOUT takes a whole number, not "1\.5"$/,
  );
});

test.run();
