import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { hideOwnFrames, withoutOwnFrames } from "../../src/runtime/own-frames.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("withoutOwnFrames()");
const source = pathToFileURL(join(import.meta.dirname, "../../src")).href;
const users = "    at refuse (/var/task/index.js:1:1)";
const runtime = [`    at run (${source}/runtime/serve.ts:50:12)`, `    at ${source}/platform/module-loader.ts:1:1`];
const nodes = [
  "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
  "    at async Promise.all (index 0)",
];

test("changes nothing before it is asked to", () => {
  const stack = ["Error: x", users, ...runtime].join("\n");
  assert.is(withoutOwnFrames(stack), stack);
  hideOwnFrames();
  assert.is(withoutOwnFrames(stack), ["Error: x", users].join("\n"));
});

const table = [
  ["drops what called the runtime", ["Error: x", users, ...runtime, ...nodes], ["Error: x", users]],
  ["keeps what called the function", ["Error: x", ...runtime, users, ...nodes], ["Error: x", users, ...nodes]],
  ["keeps what has nothing to do with the runtime", ["Error: x", users, ...nodes], ["Error: x", users, ...nodes]],
  [
    "keeps words that look like frames",
    ["Error: of", `at ${source}/runtime/x`, users],
    ["Error: of", `at ${source}/runtime/x`, users],
  ],
  [
    "keeps files of the same name elsewhere",
    ["E", "    at f (/var/task/src/runtime/serve.ts:1:1)"],
    ["E", "    at f (/var/task/src/runtime/serve.ts:1:1)"],
  ],
] as const;

for (const [name, before, after] of table) {
  test(name, () => assert.is(withoutOwnFrames(before.join("\n")), after.join("\n")));
}

test.run();
