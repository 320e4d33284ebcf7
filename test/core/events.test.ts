/** Events by schema, lines in both formats, and levels. 3.5, 5.6 */
import * as assert from "uvu/assert";
import { type Dialect, eventsOf, type Happening, subscriptionLine } from "../../src/core/telemetry/event.ts";
import { applicationLogLevels, lineLevel, logs, recordLevel } from "../../src/core/telemetry/log-level.ts";
import type { PlatformRecord, RecordFacts } from "../../src/core/telemetry/record.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("telemetry events");

const facts: RecordFacts = {
  functionName: "hello",
  version: "$LATEST",
  memoryMb: 128,
  maxMemoryUsedMb: 50,
  initializationType: "on-demand",
  logStreamName: "stream",
  dateOf: (at) => `at ${at}`,
};
const invocation = { invokedFunctionArn: "arn", traceId: "Root=1-2;Parent=3;Sampled=1", tenantId: "t" };
const old: Dialect = { api: "Logs", schemaVersion: "2020-08-15" };
const older: Dialect = { api: "Logs", schemaVersion: "2021-03-18" };
const first: Dialect = { api: "Telemetry", schemaVersion: "2022-07-01" };
const second: Dialect = { api: "Telemetry", schemaVersion: "2022-12-13" };
const third: Dialect = { api: "Telemetry", schemaVersion: "2025-01-29" };

function said(record: PlatformRecord, dialect: Dialect, more: Partial<RecordFacts> = {}): readonly unknown[] {
  return eventsOf({ type: "record", record, facts: { ...facts, ...more } }, dialect).map((event) => event.record);
}

function names(record: PlatformRecord, dialect: Dialect): readonly string[] {
  return eventsOf({ type: "record", record, facts }, dialect).map(({ type }) => type);
}

const initStart: PlatformRecord = { type: "platform.initStart", phase: "init" };
const initReport: PlatformRecord = {
  type: "platform.initReport",
  phase: "init",
  status: "success",
  durationMs: 1.23456,
};
const start: PlatformRecord = { type: "platform.start", requestId: "a" };
const done: PlatformRecord = {
  type: "platform.runtimeDone",
  requestId: "a",
  status: "success",
  durationMs: 2,
  producedBytes: 3,
};
const crashed: PlatformRecord = { ...done, status: "error", errorType: "Runtime.ExitError", cause: "Gone" };
const report: PlatformRecord = {
  type: "platform.report",
  requestId: "a",
  status: "success",
  durationMs: 24.2561,
  initDurationMs: 800.1,
};
const ready: PlatformRecord = { type: "platform.extension", name: "x", state: "Ready", events: ["INVOKE"] };
const broken: PlatformRecord = { ...ready, state: "InitError", errorType: "Mine.Reason" };
const restored: PlatformRecord = { type: "platform.restoreReport", status: "success", durationMs: 7 };

test("name the environment from the second schema on", () => {
  const versions = { runtimeVersion: "provided:al2023.v15", runtimeVersionArn: "arn:version" };
  const begun = { initializationType: "on-demand", phase: "init" };
  assert.equal(said(initStart, first, versions), [{ ...begun, ...versions }]);
  const named = {
    functionName: "hello",
    functionVersion: "$LATEST",
    instanceId: "stream",
    instanceMaxMemory: 134_217_728,
  };
  assert.equal(said(initStart, second, versions), [{ ...begun, ...versions, ...named }]);
  assert.equal(said(initStart, third), [{ ...begun, ...named }]);
  assert.equal(said({ type: "platform.restoreStart" }, second), [named]);
});

test("give an Init a status from the second schema on, and three decimals", () => {
  const begun = { initializationType: "on-demand", phase: "init" };
  assert.equal(said(initReport, first), [{ ...begun, metrics: { durationMs: 1.235 } }]);
  assert.equal(said(initReport, second), [{ ...begun, status: "success", metrics: { durationMs: 1.235 } }]);
  const failed: PlatformRecord = { ...initReport, status: "error", errorType: "Boom" };
  assert.equal(said(failed, third), [{ ...begun, status: "error", metrics: { durationMs: 1.235 }, errorType: "Boom" }]);
});

test("name the function and the tenant from the third schema on, a trace that is sampled always", () => {
  const tracing = { type: "X-Amzn-Trace-Id", value: invocation.traceId };
  assert.equal(said(start, second, { invocation }), [{ requestId: "a", version: "$LATEST", tracing }]);
  const named = { requestId: "a", functionArn: "arn", version: "$LATEST", tracing, tenantId: "t" };
  assert.is(JSON.stringify(said(start, third, { invocation })), JSON.stringify([named]));
  for (const traceId of ["Root=1-2;Sampled=0", "Sampled=1", "Root=1-2;Sampled=10", "nonsense"])
    assert.equal(said(start, second, { invocation: { invokedFunctionArn: "arn", traceId } }), [
      { requestId: "a", version: "$LATEST" },
    ]);
});

test("date their spans", () => {
  const spans = [{ name: "responseLatency", startAt: 5, durationMs: 1.00049 }] as const;
  const metrics = { durationMs: 2, producedBytes: 3 };
  const dated = [{ name: "responseLatency", start: "at 5", durationMs: 1 }];
  assert.equal(said({ ...done, spans }, first), [{ requestId: "a", status: "success", spans: dated, metrics }]);
  assert.equal(said(done, first), [{ requestId: "a", status: "success", metrics }]);
});

test("bill what the line bills", () => {
  const metrics = {
    durationMs: 24.256,
    billedDurationMs: 825,
    memorySizeMB: 128,
    maxMemoryUsedMB: 50,
    initDurationMs: 800.1,
  };
  assert.is(JSON.stringify(said(report, third)), JSON.stringify([{ requestId: "a", metrics, status: "success" }]));
});

test("bill a restore, and nothing in Managed Instances", () => {
  const { initDurationMs: _, ...rest } = report;
  const fromSnapshot = { ...rest, restoreDurationMs: 10 };
  const metrics = {
    durationMs: 24.256,
    billedDurationMs: 35,
    memorySizeMB: 128,
    maxMemoryUsedMB: 50,
    restoreDurationMs: 10,
  };
  assert.equal(said(fromSnapshot, third), [{ requestId: "a", metrics, status: "success" }]);
  const managed = { initializationType: "lambda-managed-instances" } as const;
  assert.equal(said(report, third, managed), [{ requestId: "a", metrics: { durationMs: 24.256 }, status: "success" }]);
});

test("of a restore have no more than there is", () => {
  assert.equal(said(restored, second), [{ status: "success", metrics: { durationMs: 7 } }]);
  assert.equal(said({ type: "platform.restoreRuntimeDone", status: "error", errorType: "E" }, second), [
    { status: "error", errorType: "E" },
  ]);
});

test("of the Logs API are fewer in its own schemas, and end each invocation in all of them", () => {
  assert.equal(
    [initStart, initReport, done, restored].flatMap((record) => names(record, old)),
    [],
  );
  assert.equal(names(done, older), ["platform.runtimeDone"]);
  assert.equal(names(report, old), ["platform.end", "platform.report"]);
  assert.equal(names(report, { api: "Logs", schemaVersion: "2025-01-29" }), ["platform.end", "platform.report"]);
  assert.equal(names(initStart, { api: "Logs", schemaVersion: "2025-01-29" }), ["platform.initStart"]);
  assert.equal(said(start, older, { invocation }), [{ requestId: "a", version: "$LATEST" }]);
  assert.equal(said(broken, old), [{ name: "x", state: "InitError", events: ["INVOKE"] }]);
  assert.equal(said(broken, third), [{ name: "x", state: "InitError", events: ["INVOKE"], errorType: "Mine.Reason" }]);
});

test("of the Logs API tell of a fault, and call it a failure", () => {
  assert.equal(names(crashed, old), ["platform.fault"]);
  assert.equal(said(crashed, older), [{ requestId: "a", status: "failure" }, "RequestId: a Error: Gone"]);
  assert.equal(said({ ...crashed, status: "timeout" }, older)[0], { requestId: "a", status: "timeout" });
  assert.equal(names(crashed, second), ["platform.runtimeDone"]);
});

test("of a subscription are told to those of the same API", () => {
  const subscription = {
    ...third,
    types: ["extension", "platform"],
    buffering: { maxItems: 1, maxBytes: 1, timeoutMs: 1 },
    destination: { protocol: "TCP", port: 1 },
  } as const;
  const happening: Happening & { type: "subscription" } = {
    type: "subscription",
    name: "x",
    state: "Subscribed",
    subscription,
  };
  assert.equal(eventsOf(happening, first), [
    {
      type: "platform.telemetrySubscription",
      record: { name: "x", state: "Subscribed", types: ["extension", "platform"] },
    },
  ]);
  assert.equal(eventsOf(happening, { api: "Logs", schemaVersion: "2025-01-29" }), []);
  assert.is(subscriptionLine(happening), "TELEMETRY\tName: x\tState: Subscribed\tTypes: [Platform, Extension]");
});

const lines = [
  ['{"a":1}', true, second, { a: 1 }],
  ['{"a":1}', true, first, '{"a":1}\n'],
  ['{"a":1}', false, third, '{"a":1}\n'],
  ['{"a":1} and more', true, third, '{"a":1} and more\n'],
  ["[1]", true, third, "[1]\n"],
  ["", true, third, "\n"],
] as const;
for (const [text, json, dialect, expected] of lines) {
  test(`of the line ${text} in ${json ? "JSON" : "Text"} format, schema ${dialect.schemaVersion}`, () => {
    const [event] = eventsOf({ type: "line", category: "function", text, json }, dialect);
    assert.equal(event, { type: "function", record: expected });
  });
}

test("of a loss say how much", () => {
  const reason = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.";
  const [event] = eventsOf({ type: "loss", lost: { records: 2, bytes: 30 } }, first);
  assert.equal(event?.record, { droppedBytes: 30, droppedRecords: 2, reason });
});

/** The table of system log events. DG/monitoring-cloudwatchlogs-advanced.html */
const levels: readonly (readonly [PlatformRecord, string, Partial<RecordFacts>?])[] = [
  [initStart, "DEBUG"],
  [initStart, "INFO", { runtimeVersion: "v" }],
  [{ type: "platform.restoreStart" }, "INFO", { runtimeVersion: "v" }],
  [{ type: "platform.initRuntimeDone", phase: "init", status: "success" }, "DEBUG"],
  [{ type: "platform.initRuntimeDone", phase: "init", status: "timeout" }, "WARN"],
  [{ type: "platform.restoreRuntimeDone", status: "success" }, "DEBUG"],
  [initReport, "DEBUG"],
  [initReport, "INFO", { initializationType: "provisioned-concurrency" }],
  [{ ...initReport, status: "error" }, "WARN", { initializationType: "provisioned-concurrency" }],
  [start, "INFO"],
  [done, "DEBUG"],
  [crashed, "WARN"],
  [report, "INFO"],
  [{ ...report, status: "timeout" }, "WARN"],
  [restored, "INFO"],
  [{ ...restored, status: "error" }, "WARN"],
  [ready, "INFO"],
  [broken, "WARN"],
];
for (const [index, [record, level, more]] of levels.entries())
  test(`have the level ${level}: row ${index + 1}, ${record.type}`, () =>
    assert.is(recordLevel(record, { ...facts, ...more }), level));

test("and lines have levels, of which a log has those at its own and above", () => {
  for (const level of applicationLogLevels) assert.is(lineLevel(`{"level":"${level}"}`), level);
  assert.is(lineLevel('{"level":"fatal"}'), "FATAL");
  for (const text of ['{"level":"loud"}', '{"level":1}', "{}", "plain", '{"level":"ERROR"'])
    assert.is(lineLevel(text), "INFO");
  assert.ok(logs("WARN", "WARN") && logs("WARN", "FATAL") && !logs("WARN", "INFO") && logs("TRACE", "TRACE"));
});

test.run();
