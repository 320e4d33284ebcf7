/** Telemetry of a real environment to real listeners: what is told, when, and in which words. 3.4, 3.5 */
import { createHash } from "node:crypto";
import * as assert from "uvu/assert";
import { telemetryEvent } from "../../src/protocol/schema/telemetry-event.ts";
import { type SchemaVersion, schemaVersions, type TelemetryApi } from "../../src/protocol/telemetry.ts";
import { suite } from "../helpers/suite.ts";
import { exchange, rawClient, request } from "./raw-client.ts";
import { type ReadEvent, TelemetryLines, TelemetryListener } from "./telemetry-listener.ts";
import { type TelemetryStage, telemetryStage, type Wish, wish } from "./telemetry-stage.ts";

const test = suite("telemetry");

const trace = "Root=1-6aa94b2e-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";

/** From Init to the report of the first invocation, which the subscriber hears of when it is thawed. */
async function life(stage: TelemetryStage, identifier: string, answer = "response"): Promise<void> {
  const { stage: inner } = stage;
  const waiting = await stage.extensionNext("probe", identifier);
  const runtime = await stage.runtimeNext();
  await inner.environment.available();
  const result = inner.invoke("r-1", { traceId: trace, tenantId: "t-1" });
  await runtime.response();
  await waiting.response();
  inner.wrote("runtime", "hello\n");
  const path = `/2018-06-01/runtime/invocation/r-1/${answer}`;
  runtime.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"ok"`);
  await runtime.response();
  await result;
  await stage.runtimeNext();
  await inner.until(() => done(stage, "r-1"));
  inner.wrote("extension:probe", "saw it\n");
  await stage.extensionNext("probe", identifier);
  await inner.environment.available();
  inner.environment.thaw();
}

/** Whether the runtime has asked for more after an invocation. */
function done({ stage }: TelemetryStage, requestId: string): boolean {
  const invocation = stage.environment.state.invocations[requestId];
  return invocation?.at === "answered" && invocation.runtimeDoneAt !== undefined;
}

function types(events: readonly ReadEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

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

test("arrives with Lambda's headers, and an id that is the same for the same batch (3.4)", async () => {
  await using listener = await new TelemetryListener().listen();
  listener.behave = (response, _batch, number) => response.writeHead(number === 1 ? 500 : 200).end();
  await using probe = await telemetryStage();
  await probe.subscriber("probe", wish(listener.uri));
  await listener.until(() => listener.batches.length === 2);
  const [first, second] = listener.batches;
  assert.equal([first?.method, first?.url], ["POST", "/in?x=1"]);
  assert.equal(
    { ...first?.headers },
    {
      "content-type": "application/json",
      "sequence-id": createHash("sha256")
        .update(first?.body ?? "")
        .digest("base64")
        .slice(0, 43),
      connection: "keep-alive",
      "user-agent": "awslambda-worker/1.0",
      host: `127.0.0.1:${listener.port}`,
      "content-length": String(Buffer.byteLength(first?.body ?? "")),
    },
  );
  assert.is(second?.headers["sequence-id"], first?.headers["sequence-id"], "tried again");
  assert.is(second?.body, first?.body);
});

test("comes by PUT where that was asked for", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const destination = { protocol: "HTTP", URI: listener.uri, method: "PUT" };
  await probe.subscriber("probe", wish(listener.uri, { destination }));
  await listener.until(() => listener.batches.length > 0);
  assert.is(listener.batches[0]?.method, "PUT");
});

test("comes over TCP as lines", async () => {
  await using lines = await new TelemetryLines().listen();
  await using probe = await telemetryStage();
  const destination = { protocol: "TCP", port: lines.port };
  await life(probe, await probe.subscriber("probe", wish("", { destination })));
  await lines.until(() => lines.text.includes("platform.report"));
  assert.ok(lines.text.endsWith("}\n"));
  const events = lines.text
    .trimEnd()
    .split("\n")
    .map((line): ReadEvent => JSON.parse(line));
  assert.equal([types(events)[0], types(events).at(-1)], ["platform.initStart", "platform.report"]);
  assert.is(lines.sockets.length, 1);
});

test("goes on over a new connection when the subscriber has closed the old one", async () => {
  await using lines = await new TelemetryLines().listen();
  await using probe = await telemetryStage();
  const destination = { protocol: "TCP", port: lines.port };
  const identifier = await probe.subscriber("probe", wish("", { destination }));
  await lines.until(() => lines.text.includes("\n"));
  lines.sockets[0]?.end();
  await life(probe, identifier);
  await lines.until(() => lines.text.includes("platform.report"));
  assert.is(lines.sockets.length, 2);
});

for (const who of ["the environment itself", "somebody"]) {
  test(`is kept from whom ${who} has frozen until they are thawed (4.2)`, async () => {
    await using listener = await new TelemetryListener().listen();
    await using probe = await telemetryStage();
    const identifier = await probe.subscriber("probe", wish(listener.uri));
    await listener.until(() => listener.batches.length > 0);
    if (who === "somebody") await probe.stage.environment.freeze();
    await probe.extensionNext("probe", identifier);
    await probe.runtimeNext();
    await probe.stage.environment.available();
    await laterThanThat();
    assert.not(types(listener.events).includes("platform.initReport"));
    probe.stage.environment.thaw();
    await listener.event("platform.initReport");
  });
}

test("is heard no more by an extension that has exited", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ extensions: ["a", "b"] });
  await probe.subscriber("a", wish(listener.uri));
  await listener.until(() => listener.batches.length > 0);
  probe.stage.obeys = false;
  probe.stage.exit("extension:a", { how: "code", code: 1 });
  await probe.stage.until(() => probe.stage.environment.state.extensions.a?.at === "exited");
  probe.stage.wrote("extension:b", "unheard\n");
  await laterThanThat();
  assert.not(listener.events.some(({ record }) => record === "unheard\n"));
  probe.stage.endProcesses();
});

/** Waits until somebody else has heard of what happens now and is collected for three times as long. */
async function laterThanThat(): Promise<void> {
  await using awake = await new TelemetryListener().listen();
  await using other = await telemetryStage();
  await other.subscriber("probe", wish(awake.uri, { buffering: { timeoutMs: 75 } }));
  await awake.event("platform.telemetrySubscription");
}

test("is not kept back while the environment shuts down, however long it would be collected for", async () => {
  await using listener = await new TelemetryListener().listen();
  const probe = await telemetryStage();
  const wishes: Wish = wish(listener.uri, { buffering: { timeoutMs: 30_000 } });
  await life(probe, await probe.subscriber("probe", wishes));
  assert.is(listener.batches.length, 0);
  probe.stage.obeys = false;
  const closed = probe.stage.environment.close();
  await listener.event("platform.report");
  probe.stage.wrote("runtime", "last words\n");
  await listener.until(() => listener.events.some(({ record }) => record === "last words\n"));
  probe.stage.obeys = true;
  probe.stage.endProcesses();
  await closed;
  await probe[Symbol.asyncDispose]();
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
