/** Telemetry of a real environment to real listeners: what is told, and in which words. 3.5 */
import * as assert from "uvu/assert";
import { telemetryEvent } from "../../src/protocol/schema/telemetry-event.ts";
import { type SchemaVersion, schemaVersions, type TelemetryApi } from "../../src/protocol/telemetry.ts";
import { suite } from "../helpers/suite.ts";
import { exchange, rawClient, request } from "./raw-client.ts";
import { life, trace, types } from "./telemetry-life.ts";
import { TelemetryListener } from "./telemetry-listener.ts";
import { telemetryStage, wish } from "./telemetry-stage.ts";

const test = suite("telemetry");

/** Numbers and dates as letters. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "DATE");
  return JSON.parse(text, (key, inner) => (typeof inner === "number" && key !== "producedBytes" ? 0 : inner));
}

test("of one cold invocation comes in order, with every field (3.5)", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const identifier = await probe.subscriber("probe", wish(listener.uri));
  await life(probe, identifier);
  await listener.event("platform.report");
  const initializationType = "on-demand";
  const environment = { functionName: "hello", functionVersion: "$LATEST" };
  const instance = { instanceId: "2026/01/02/[$LATEST]0123", instanceMaxMemory: 0 };
  const tracing = { type: "X-Amzn-Trace-Id", value: trace };
  const span = (name: string) => ({ name, start: "DATE", durationMs: 0 });
  const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:hello";
  const metrics = { durationMs: 0, billedDurationMs: 0, memorySizeMB: 0, maxMemoryUsedMB: 0, initDurationMs: 0 };
  const stretches = ["responseLatency", "responseDuration", "runtimeOverhead"].map(span);
  const expected = [
    ["platform.initStart", { initializationType, phase: "init", ...environment, ...instance }],
    [
      "platform.telemetrySubscription",
      { name: "probe", state: "Subscribed", types: ["platform", "function", "extension"] },
    ],
    ["platform.initRuntimeDone", { initializationType, phase: "init", status: "success" }],
    ["platform.extension", { name: "probe", state: "Ready", events: ["INVOKE", "SHUTDOWN"] }],
    ["platform.initReport", { initializationType, phase: "init", status: "success", metrics: { durationMs: 0 } }],
    ["platform.start", { requestId: "r-1", functionArn, version: "$LATEST", tracing, tenantId: "t-1" }],
    ["function", "hello\n"],
    [
      "platform.runtimeDone",
      {
        requestId: "r-1",
        status: "success",
        tracing,
        tenantId: "t-1",
        spans: stretches,
        metrics: { durationMs: 0, producedBytes: 4 },
      },
    ],
    ["extension", "saw it\n"],
    ["platform.report", { requestId: "r-1", metrics, spans: [span("extensionOverhead")], tracing, status: "success" }],
  ];
  const said = listener.events.map(({ type, record }) => [type, plain(record)]);
  assert.is(JSON.stringify(said, null, 1), JSON.stringify(expected, null, 1));
});

test("has figures that are measured and belong together", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const identifier = await probe.subscriber("probe", wish(listener.uri));
  await life(probe, identifier);
  const { metrics, spans } = (await listener.event("platform.report")).record;
  const done = (await listener.event("platform.runtimeDone")).record;
  const init = (await listener.event("platform.initReport")).record;
  assert.ok(metrics.durationMs >= done.metrics.durationMs && done.metrics.durationMs > 0);
  assert.is(metrics.initDurationMs, init.metrics.durationMs);
  assert.is(metrics.billedDurationMs, Math.ceil(Number((metrics.durationMs + metrics.initDurationMs).toFixed(2))));
  assert.equal([metrics.memorySizeMB, metrics.maxMemoryUsedMB], [128, 50]);
  const sum = done.spans.reduce((total: number, { durationMs }: { durationMs: number }) => total + durationMs, 0);
  assert.ok(Math.abs(sum - done.metrics.durationMs) < 0.01, "the spans fill the runtime's time");
  assert.ok(Math.abs(metrics.durationMs - done.metrics.durationMs - spans[0].durationMs) < 0.01);
  const times = listener.events.map(({ time }) => time);
  assert.equal(times, [...times].sort(), "in the order of their times");
});

const dialects: readonly (readonly [TelemetryApi, SchemaVersion, "Text" | "JSON"])[] = [
  ...schemaVersions.slice(2).map((version) => ["Telemetry", version, "JSON"] as const),
  ...schemaVersions.map((version) => ["Logs", version, "JSON"] as const),
  ["Telemetry", "2025-01-29", "Text"],
];
for (const [api, schemaVersion, logFormat] of dialects) {
  test(`fits the schema ${schemaVersion} of the ${api} API, with a log in ${logFormat} format`, async () => {
    await using listener = await new TelemetryListener().listen();
    await using probe = await telemetryStage({ configuration: { logFormat } });
    const path = api === "Logs" ? "/2020-08-15/logs" : undefined;
    const identifier = await probe.subscriber("probe", wish(listener.uri, { schemaVersion }), path);
    probe.stage.wrote("extension:probe", '{"level":"INFO","n":1}\n');
    await life(probe, identifier, "error");
    await listener.event("platform.report");
    const schema = telemetryEvent(api, schemaVersion);
    const wrong = listener.events.filter((event) => !schema.safeParse(event).success);
    assert.equal(wrong, []);
    const object = logFormat === "JSON" && schemaVersion >= "2022-12-13";
    const first = listener.events.find(({ type }) => type === "extension")?.record;
    assert.equal(first, object ? { level: "INFO", n: 1 } : '{"level":"INFO","n":1}\n');
    assert.is(listener.events.find(({ type }) => type === "function")?.record, "hello\n");
    const ended = types(listener.events).includes("platform.end");
    assert.is(ended, api === "Logs");
  });
}

test("of the first Logs API is less (3.5)", async () => {
  const said = async (schemaVersion: string | undefined) => {
    await using listener = await new TelemetryListener().listen();
    await using probe = await telemetryStage();
    const wishes = wish(listener.uri, { schemaVersion, types: ["platform"] });
    await life(probe, await probe.subscriber("probe", wishes, "/2020-08-15/logs"));
    await listener.event("platform.report");
    return types(listener.events);
  };
  const start = ["platform.logsSubscription", "platform.extension", "platform.start"];
  const end = ["platform.end", "platform.report"];
  assert.equal(await said(undefined), [...start, ...end]);
  assert.equal(await said("2021-03-18"), [...start, "platform.runtimeDone", ...end]);
});

test("has what was subscribed to and nothing else", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const identifier = await probe.subscriber("probe", wish(listener.uri, { types: ["function"] }));
  await life(probe, identifier);
  await listener.event("function");
  assert.equal(types(listener.events), ["function"]);
});

test("calls a handler's error a success", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  await life(probe, await probe.subscriber("probe", wish(listener.uri)), "error");
  assert.is((await listener.event("platform.runtimeDone")).record.status, "success");
  assert.is((await listener.event("platform.report")).record.status, "success");
});

test("tells of a time-out while there is somebody to hear it (3.5)", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ timeoutMs: 200 });
  const identifier = await probe.subscriber("probe", wish(listener.uri));
  await probe.extensionNext("probe", identifier);
  const runtime = await probe.runtimeNext();
  await probe.stage.environment.available();
  const result = probe.stage.invoke("r-1");
  await runtime.response();
  const { record } = await listener.event("platform.runtimeDone");
  assert.equal(plain(record), { requestId: "r-1", status: "timeout", metrics: { durationMs: 0, producedBytes: 0 } });
  assert.is(record.metrics.durationMs, 200);
  probe.stage.exit("extension:probe", { how: "code", code: 0 });
  await result;
});

for (const [api, path] of [
  ["Telemetry", "/2022-07-01/telemetry"],
  ["Logs", "/2020-08-15/logs"],
] as const) {
  test(`tells of a crash (${api})`, async () => {
    await using listener = await new TelemetryListener().listen();
    await using probe = await telemetryStage();
    const identifier = await probe.subscriber("probe", wish(listener.uri, { schemaVersion: "2022-12-13" }), path);
    await probe.extensionNext("probe", identifier);
    const runtime = await probe.runtimeNext();
    await probe.stage.environment.available();
    const result = probe.stage.invoke("r-1");
    await runtime.response();
    probe.stage.exit("runtime", { how: "code", code: 3 });
    const { record } = await listener.event("platform.runtimeDone");
    assert.equal([record.status, record.errorType], ["error", "Runtime.ExitError"]);
    const fault = listener.events.find(({ type }) => type === "platform.fault")?.record;
    const cause = "RequestId: r-1 Error: Runtime exited with error: exit status 3";
    assert.is(fault, api === "Logs" ? cause : undefined);
    probe.stage.exit("extension:probe", { how: "code", code: 0 });
    await result;
  });
}

test("tells of a restore from a snapshot (SnapStart)", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ initializationType: "snap-start" });
  const { stage } = probe;
  const identifier = await probe.subscriber("probe", wish(listener.uri, { types: ["platform"] }));
  await probe.extensionNext("probe", identifier);
  await stage.until(() => stage.alive("runtime"));
  using runtime = await rawClient(stage.api);
  runtime.write(request("GET /2018-06-01/runtime/restore/next"));
  await stage.environment.available();
  const result = stage.invoke("r-1");
  await runtime.response();
  await stage.serve("r-1");
  await result;
  await probe.runtimeNext();
  await listener.event("platform.runtimeDone");
  const said = listener.events.slice(2).map(({ type, record }) => [type, plain(record)]);
  const initializationType = "snap-start";
  const named = { functionName: "hello", functionVersion: "$LATEST" };
  assert.equal(said.slice(0, 6), [
    ["platform.initRuntimeDone", { initializationType, phase: "init", status: "success" }],
    ["platform.extension", { name: "probe", state: "Ready", events: ["INVOKE", "SHUTDOWN"] }],
    ["platform.initReport", { initializationType, phase: "init", status: "success", metrics: { durationMs: 0 } }],
    ["platform.restoreStart", { ...named, instanceId: "2026/01/02/[$LATEST]0123", instanceMaxMemory: 0 }],
    ["platform.restoreRuntimeDone", { status: "success" }],
    ["platform.restoreReport", { status: "success", metrics: { durationMs: 0 } }],
  ]);
  const schema = telemetryEvent("Telemetry", "2025-01-29");
  assert.equal(
    listener.events.filter((event) => !schema.safeParse(event).success),
    [],
  );
});

test("of Managed Instances has no end of the runtime and bills nothing (1.11)", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ profile: "lmi", initializationType: "lambda-managed-instances" });
  const { stage } = probe;
  const identifier = await probe.register("probe", ["SHUTDOWN"]);
  await probe.put(identifier, wish(listener.uri, { types: ["platform"] }));
  await probe.extensionNext("probe", identifier);
  const runtime = await probe.runtimeNext();
  await stage.environment.available();
  const result = stage.invoke("r-1");
  await runtime.response();
  await exchange(stage.api, request("POST /2018-06-01/runtime/invocation/r-1/response", {}, '"ok"'));
  await result;
  const { record } = await listener.event("platform.report");
  const spans = ["responseLatency", "responseDuration"].map((name) => ({ name, start: "DATE", durationMs: 0 }));
  assert.equal(record.spans.slice(0, 2).map(plain), spans);
  assert.equal(plain(record.metrics), { durationMs: 0 });
  assert.not(types(listener.events).includes("platform.runtimeDone"));
  const schema = telemetryEvent("Telemetry", "2025-01-29");
  assert.equal(
    listener.events.filter((event) => !schema.safeParse(event).success),
    [],
  );
});

test("of what came before a subscription is as much as a batch holds; the rest is counted", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ extensions: ["a", "b"] });
  const b = await probe.register("b");
  probe.stage.wrote("extension:a", "x\n".repeat(10_100));
  await probe.put(b, wish(listener.uri));
  const { record } = await listener.event("platform.logsDropped");
  // The beginning of Init is kept as well.
  assert.is(record.droppedRecords, 101);
  await listener.until(() => listener.events.length === 10_000 + 2);
  assert.is(listener.events.filter(({ type }) => type === "extension").length, 9_999);
});

test.run();
