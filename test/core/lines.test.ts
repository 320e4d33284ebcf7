import * as assert from "uvu/assert";
import { linesOf } from "../../src/core/telemetry/lines.ts";
import type { PlatformRecord } from "../../src/core/telemetry/record.ts";
import type { LogLineStyle } from "../../src/protocol/profile.ts";
import { suite } from "../helpers/suite.ts";

/** Log lines in Text format, byte for byte as in protocol 4.6. */
const test = suite("linesOf()");

const facts = { version: "$LATEST", memoryMb: 512, maxMemoryUsedMb: 123 };
const report = { type: "platform.report", requestId: "a", status: "success", durationMs: 24.26 } as const;
const initReport = { type: "platform.initReport", phase: "init", status: "success", durationMs: 463.594 } as const;

const table: readonly (readonly [string, PlatformRecord, readonly string[]])[] = [
  ["START", { type: "platform.start", requestId: "a" }, ["START RequestId: a Version: $LATEST"]],
  [
    "END and REPORT, with a tab at its end when all went well",
    report,
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 24.26 ms\tBilled Duration: 25 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\t",
    ],
  ],
  [
    "REPORT of a cold start, which bills the Init too",
    { ...report, durationMs: 3_000, initDurationMs: 816.72 },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 3000.00 ms\tBilled Duration: 3817 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\tInit Duration: 816.72 ms\t",
    ],
  ],
  [
    "REPORT of a sum that is whole but for binary fractions",
    { ...report, durationMs: 1.1, initDurationMs: 1.9000000000000006 },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 1.10 ms\tBilled Duration: 3 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\tInit Duration: 1.90 ms\t",
    ],
  ],
  [
    "REPORT of a restore, which bills what the hooks took",
    { ...report, durationMs: 127.1, restoreDurationMs: 26 },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 127.10 ms\tBilled Duration: 154 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\tRestore Duration: 26.00 ms\tBilled Restore Duration: 26 ms\t",
    ],
  ],
  ["no RESTORE_START where nobody knows the version", { type: "platform.restoreStart" }, []],
  ["nothing for the end of the hooks", { type: "platform.restoreRuntimeDone", status: "success" }, []],
  [
    "RESTORE_REPORT",
    { type: "platform.restoreReport", status: "success", durationMs: 509.309 },
    ["RESTORE_REPORT Restore Duration: 509.31 ms"],
  ],
  [
    "RESTORE_REPORT of a hook that failed",
    { type: "platform.restoreReport", status: "error", errorType: "Runtime.AfterRestoreError", durationMs: 3 },
    ["RESTORE_REPORT Restore Duration: 3.00 ms\tStatus: error\tError Type: Runtime.AfterRestoreError"],
  ],
  [
    "REPORT of a time-out, without a tab at its end",
    { ...report, status: "timeout", durationMs: 8_000 },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 8000.00 ms\tBilled Duration: 8000 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\tStatus: timeout",
    ],
  ],
  [
    "REPORT of a cold start that crashed",
    { ...report, status: "error", errorType: "Runtime.ExitError", durationMs: 10, initDurationMs: 5.5 },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 10.00 ms\tBilled Duration: 16 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\tInit Duration: 5.50 ms\tStatus: error\tError Type: Runtime.ExitError",
    ],
  ],
  [
    "INIT_REPORT of a crash",
    { ...initReport, status: "error", errorType: "Extension.Crash" },
    ["INIT_REPORT Init Duration: 463.59 ms\tPhase: init\tStatus: error\tError Type: Extension.Crash"],
  ],
  [
    "INIT_REPORT of a time-out inside an invocation",
    { ...initReport, phase: "invoke", status: "timeout", durationMs: 3_000 },
    ["INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout"],
  ],
  ["nothing for an Init that succeeded", initReport, []],
  ["nothing for a re-Init that succeeded", { ...initReport, phase: "invoke" }, []],
  [
    "EXTENSION",
    { type: "platform.extension", name: "probe.sh", state: "Ready", events: ["INVOKE", "SHUTDOWN"] },
    ["EXTENSION\tName: probe.sh\tState: Ready\tEvents: [INVOKE, SHUTDOWN]"],
  ],
  [
    "EXTENSION of one that never registered",
    { type: "platform.extension", name: "probe.sh", state: "Started", events: [] },
    ["EXTENSION\tName: probe.sh\tState: Started\tEvents: []"],
  ],
  [
    "nothing for the end of the runtime's Init",
    { type: "platform.initRuntimeDone", phase: "init", status: "error" },
    [],
  ],
  [
    "nothing for the end of the runtime's part of an invocation",
    { type: "platform.runtimeDone", requestId: "a", status: "success", durationMs: 1, producedBytes: 2 },
    [],
  ],
  [
    "nothing for the start of Init where the runtime version is unknown",
    { type: "platform.initStart", phase: "init" },
    [],
  ],
];

for (const [title, record, lines] of table) {
  test(`writes ${title}`, () => assert.equal(linesOf(record, facts), lines));
}

const cold = { ...report, durationMs: 3_000, initDurationMs: 816.72 } as const;
const crashed = {
  type: "platform.runtimeDone",
  requestId: "a",
  status: "error",
  errorType: "Runtime.ExitError",
  cause: "Runtime exited with error: exit status 1",
  durationMs: 3,
  producedBytes: 0,
} as const;

/** Whose lines, of what, which. 7.1 D22 and D23, 7.4 */
const styles: readonly (readonly [LogLineStyle, string, PlatformRecord, readonly string[]])[] = [
  ["aws", "a crash", crashed, []],
  [
    "aws-2024",
    "a crash",
    crashed,
    ["RequestId: a Error: Runtime exited with error: exit status 1", "Runtime.ExitError"],
  ],
  [
    "aws-2024",
    "a time-out",
    { ...crashed, status: "timeout", cause: "Task timed out after 3.00 seconds" },
    ["2024-05-06T07:08:09.010Z a Task timed out after 3.00 seconds", ""],
  ],
  ["aws-2024", "a runtime that did well", { ...crashed, status: "success" }, []],
  [
    "aws-2024",
    "a cold start that failed, of which Init is not billed",
    { ...cold, status: "error", errorType: "Runtime.ExitError" },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\tInit Duration: 816.72 ms\t",
    ],
  ],
  ["aws-2024", "START", { type: "platform.start", requestId: "a" }, ["START RequestId: a Version: $LATEST"]],
  ["rie", "START", { type: "platform.start", requestId: "a" }, ["START RequestId: a Version: $LATEST"]],
  [
    "rie",
    "a cold start, timed out",
    { ...cold, status: "timeout" },
    [
      "END RequestId: a",
      "REPORT RequestId: a\tInit Duration: 816.72 ms\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 512 MB\tMax Memory Used: 512 MB\t",
    ],
  ],
  [
    "rie",
    "REPORT",
    report,
    [
      "END RequestId: a",
      "REPORT RequestId: a\tDuration: 24.26 ms\tBilled Duration: 25 ms\tMemory Size: 512 MB\tMax Memory Used: 512 MB\t",
    ],
  ],
  ["rie", "an extension", { type: "platform.extension", name: "x", state: "Ready", events: [] }, []],
  ["rie", "a crash", crashed, []],
  ["lmi", "START", { type: "platform.start", requestId: "a" }, ["START RequestId: a\tVersion: $LATEST"]],
  ["lmi", "REPORT", report, ["END RequestId: a", "REPORT RequestId: a\tDuration: 24.26 ms"]],
  ["lmi", "INIT_REPORT", { ...initReport, status: "timeout" }, []],
];

for (const [style, what, record, lines] of styles) {
  test(`writes ${what} in the style of ${style}`, () => {
    assert.equal(linesOf(record, { ...facts, style, date: () => "2024-05-06T07:08:09.010Z" }), lines);
  });
}

test("writes an Init that succeeded where it ended in a snapshot", () => {
  assert.equal(linesOf(initReport, { ...facts, initializationType: "snap-start" }), [
    "INIT_REPORT Init Duration: 463.59 ms\tPhase: init\tStatus: success",
  ]);
});

test("writes INIT_START with the runtime version that the caller knows", () => {
  const arn = `arn:aws:lambda:us-east-1::runtime:${"0".repeat(64)}`;
  const start: PlatformRecord = { type: "platform.initStart", phase: "init" };
  const known = { ...facts, runtimeVersion: "python:3.11.v39" };
  assert.equal(linesOf(start, known), ["INIT_START Runtime Version: python:3.11.v39"]);
  assert.equal(linesOf(start, { ...known, runtimeVersionArn: arn }), [
    `INIT_START Runtime Version: python:3.11.v39\tRuntime Version ARN: ${arn}`,
  ]);
});

test.run();
