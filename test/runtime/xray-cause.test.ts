import * as assert from "uvu/assert";
import { xrayCause } from "../../src/runtime/xray-cause.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("xrayCause()");

test("says what was thrown and where, in one line of ASCII", () => {
  const stackTrace = [
    "TypeError: d\u00e9j\u00e0 vu\nline",
    "    at Object.handler (/var/task/index.js:3:9)",
    "    at async /var/task/lib.mjs:10:1",
    "    at new Thing (file:///var/task/index.js:5:7)",
    "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
    "Caused by: nothing",
  ];
  const cause = xrayCause(
    { errorType: "TypeError", errorMessage: "d\u00e9j\u00e0 \u{1f600} \x7f\r\nX: y", stackTrace },
    "/var/task",
  );
  assert.match(cause ?? "", /^[\x20-\x7e]+$/);
  assert.equal(JSON.parse(cause ?? ""), {
    working_directory: "/var/task",
    exceptions: [
      {
        type: "TypeError",
        message: "d\u00e9j\u00e0 \u{1f600} \x7f\r\nX: y",
        stack: [
          { path: "/var/task/index.js", line: 3, label: "Object.handler" },
          { path: "async /var/task/lib.mjs", line: 10, label: "anonymous" },
          { path: "file:///var/task/index.js", line: 5, label: "new Thing" },
          { path: "node:internal/process/task_queues", line: 105, label: "process.processTicksAndRejections" },
        ],
      },
    ],
    paths: [
      "/var/task/index.js",
      "async /var/task/lib.mjs",
      "file:///var/task/index.js",
      "node:internal/process/task_queues",
    ],
  });
});

test("shortens what is long, and stays away when that does not help", () => {
  const frame = (i: number) => `    at ${"f".repeat(100)} (/var/task/${i}.js:1:1)`;
  const long = xrayCause(
    { errorType: "E", errorMessage: "m".repeat(100_000), stackTrace: Array.from({ length: 200 }, (_, i) => frame(i)) },
    "/",
  );
  assert.ok(long !== undefined && long.length <= 8_192, `${long?.length}`);
  assert.is(JSON.parse(long ?? "").exceptions[0].stack.length, 3);
  assert.is(xrayCause({ errorType: "E".repeat(9_000), errorMessage: "" }, "/"), undefined);
});

test.run();
