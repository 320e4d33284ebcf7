import { resourceFromAttributes } from "@opentelemetry/resources";
import * as assert from "uvu/assert";
import { EnvironmentStory } from "../../../extensions/otlp/environment-story.ts";
import { Metrics } from "../../../extensions/otlp/metrics.ts";
import type { OtlpSpan } from "../../../extensions/otlp/otlp-types.ts";
import { type TelemetryRecord, telemetryRecordOf } from "../../../src/extension/telemetry/record.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("what records mean to OpenTelemetry:");
const requestId = "8286a188-ba32-4475-8077-530cd35c09a9";
const traceOfRequest = "8286a188ba3244758077530cd35c09a9";

function record(type: string, fields: object | string, time = "2026-01-01T00:00:01.000Z"): TelemetryRecord {
  const made = telemetryRecordOf({ time, type, record: fields });
  assert.ok(made);
  return made;
}

const start = (tracing?: object) => record("platform.start", { requestId, ...(tracing && { tracing }) });
const report = (fields: object = {}) =>
  record("platform.report", { requestId, status: "success", metrics: { durationMs: 2_500 }, ...fields });

function story() {
  const resource = resourceFromAttributes({});
  const metrics = new Metrics(resource, "delta");
  return { metrics, story: new EnvironmentStory({ resource, functionName: "f" }, metrics) };
}

function spansOf(...records: readonly TelemetryRecord[]): readonly OtlpSpan[] {
  return story().story.read(records).spans;
}

test("an invocation lasts as long as it is reported, or as what was measured in it", () => {
  const [short] = spansOf(start(), report());
  assert.equal(
    [short?.startTime, short?.endTime],
    [
      [1_767_225_601, 0],
      [1_767_225_603, 500_000_000],
    ],
  );
  const overhead = { name: "extensionOverhead", start: "2026-01-01T00:00:03.500Z", durationMs: 100.25 };
  const [long, child] = spansOf(start(), report({ spans: [overhead] }));
  assert.equal(long?.endTime, [1_767_225_603, 600_250_000]);
  assert.is(child?.parentSpanContext?.spanId, long?.spanContext().spanId);
});

for (const [what, tracing, traceId, spanId, parent] of [
  ["no header", undefined, traceOfRequest, undefined, undefined],
  [
    "X-Ray's header",
    { spanId: "54565fb41ac79632", value: "Root=1-62e900b2-710d76f009d6e7785905449a;Parent=0efbd19962d95b05;Sampled=0" },
    "62e900b2710d76f009d6e7785905449a",
    "54565fb41ac79632",
    "0efbd19962d95b05",
  ],
  [
    "a header without a parent",
    { value: "Root=1-62e900b2-710d76f009d6e7785905449a" },
    "62e900b2710d76f009d6e7785905449a",
    undefined,
    undefined,
  ],
  ["a header that is none", { value: "Root=2-x;Parent=0efbd19962d95b05" }, traceOfRequest, undefined, undefined],
  [
    "zeros",
    { spanId: "0".repeat(16), value: `Root=1-${"0".repeat(8)}-${"0".repeat(24)}` },
    traceOfRequest,
    undefined,
    undefined,
  ],
] as const) {
  test(`the trace of an invocation with ${what}`, () => {
    const [span] = spansOf(start(tracing), report());
    assert.is(span?.spanContext().traceId, traceId);
    if (spanId !== undefined) assert.is(span?.spanContext().spanId, spanId);
    else assert.match(span?.spanContext().spanId ?? "", /^(?!0{16})[0-9a-f]{16}$/);
    assert.is(span?.parentSpanContext?.spanId, parent);
  });
}

test("an Init stands above the first invocation after it, and alone where none comes", () => {
  const initReport = (phase: string) =>
    record("platform.initReport", { initializationType: "on-demand", phase, metrics: { durationMs: 10 } });
  const [init, first, second] = spansOf(initReport("init"), start(), report(), start(), report());
  assert.equal([init?.name, init?.parentSpanContext?.spanId], ["init", first?.spanContext().spanId]);
  assert.equal([first?.attributes["faas.coldstart"], second?.attributes["faas.coldstart"]], [true, false]);
  const { story: unused } = story();
  assert.equal(unused.read([initReport("init")]).spans, []);
  const [alone] = unused.end().spans;
  assert.equal([alone?.name, alone?.parentSpanContext], ["init", undefined]);
  const [, inside] = spansOf(start(), initReport("invoke"), report());
  assert.is(inside?.attributes["faas.coldstart"], true, "also where it ran inside the invocation");
});

test("an invocation without a report is told at the end, by what is known of it", async () => {
  for (const [records, status, errorType] of [
    [
      [start(), record("platform.runtimeDone", { requestId, status: "timeout", metrics: { durationMs: 3_000 } })],
      "timeout",
      "timeout",
    ],
    [
      [start(), record("platform.runtimeDone", { requestId, status: "error", errorType: "Runtime.ExitError" })],
      "error",
      "Runtime.ExitError",
    ],
    [[start()], undefined, "unknown"],
  ] as const) {
    const { story: told, metrics } = story();
    assert.equal(told.read(records).spans, []);
    const [span] = told.end().spans;
    assert.equal([span?.attributes["lambda.status"], span?.attributes["error.type"]], [status, errorType]);
    assert.is(span?.status.code, 2);
    const names = (await metrics.collect())?.scopeMetrics.flatMap(({ metrics: all }) =>
      all.map((one) => one.descriptor.name),
    );
    assert.is(names?.includes(status === "timeout" ? "faas.timeouts" : "faas.errors"), true);
    assert.equal(told.end().spans, [], "once");
  }
});

test("a report alone is of an invocation that was told before a reset", async () => {
  const { story: told, metrics } = story();
  assert.equal(told.read([report()]).spans, []);
  assert.is(await metrics.collect(), undefined);
  assert.equal(told.end().spans, []);
});

test("figures are told when something has happened", async () => {
  const { story: told, metrics } = story();
  told.read([start(), report()]);
  assert.ok(await metrics.collect());
  assert.is(await metrics.collect(), undefined);
});

for (const [line, severity, body] of [
  ["plain\n", undefined, "plain"],
  [
    `2026-01-01T00:00:00.000Z\t${requestId}\tWARN\tcareful\n`,
    "WARN",
    `2026-01-01T00:00:00.000Z\t${requestId}\tWARN\tcareful`,
  ],
  ["[ERROR]\t2026-01-01T00:00:00.000Z\tid\tno\n", "ERROR", "[ERROR]\t2026-01-01T00:00:00.000Z\tid\tno"],
  [{ level: "warning", message: "m" }, "WARN", { level: "warning", message: "m" }],
  [{ level: "constructor" }, undefined, { level: "constructor" }],
] as const) {
  test(`the severity of ${JSON.stringify(line)}`, () => {
    const { logs } = story().story.read([start(), record("function", line)]);
    assert.equal([logs[0]?.severityText, logs[0]?.body], [severity, body]);
    assert.is(logs[0]?.spanContext?.traceId, traceOfRequest);
  });
}

test("a line that names another invocation belongs to that one, and one before any to none", () => {
  const other = record("platform.start", { requestId: "other" });
  const { logs } = story().story.read([
    record("function", "early\n"),
    start(),
    other,
    record("function", { requestId, message: "late" }),
    record("function", "now\n"),
  ]);
  assert.equal(
    logs.map(({ attributes }) => attributes["faas.invocation_id"]),
    [undefined, requestId, "other"],
  );
});

test("what Lambda dropped is counted", async () => {
  const { story: told, metrics } = story();
  told.read([record("platform.logsDropped", { droppedRecords: 7, droppedBytes: 9, reason: "r" })]);
  const all = (await metrics.collect())?.scopeMetrics[0]?.metrics ?? [];
  assert.equal(
    all.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value]),
    [["bootlace.telemetry.dropped", 7]],
  );
});

test.run();
