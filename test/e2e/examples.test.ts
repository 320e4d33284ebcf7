/** The examples that people copy, run as they stand. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";

const test = suite("the examples:");

const root = join(import.meta.dirname, "../..");

test(
  "a function is tested with Node's test runner",
  async () => {
    // Inside another test runner Node's own reports to that one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const file = join(root, "examples/testing/hello.test.ts");
    const child = spawn(process.execPath, ["--test", "--test-reporter=tap", file], { cwd: root, env });
    const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
    assert.match(output, /^# pass 3$/m);
    assert.is(child.exitCode, 0);
  },
  { timeoutMs: 60_000 },
);

test.run();
