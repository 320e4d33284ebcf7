/** The extension `otlp` beside a real function: what its backend was told is what happened, number for number. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { PlatformRecord } from "../../src/core/telemetry/record.ts";
import { emulate } from "../../src/emulator/emulate.ts";
import type { LogLine } from "../../src/emulator/environment-log.ts";
import { type Journal, journalOf, replay } from "../../src/emulator/journal.ts";
import { buildLayer } from "../../src/layer/build-layer.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { skip, suite } from "../helpers/suite.ts";
import { otlpReceiver } from "./otlp-receiver.ts";
import { type OtlpContent, ofJson, together } from "./otlp-wire.ts";

const test = suite("the extension otlp");
const patient = { timeoutMs: 120_000 };
const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
const runtime = await openLocalLayer();
test.after(() => {
  runtime.remove();
  rmSync(root, { recursive: true, force: true });
});
const { file: layer } = await buildLayer({
  outFile: join(root, "otlp.zip"),
  level: 1,
  extensions: ["otlp"],
  bootstrap: "absent",
});

const quiet = Array.from({ length: 20 }, () => ({ ending: "well" }));

/** Every way in which an invocation can end. */
const eventful = ["well", "error", "well", "timeout", "well", "crash", "well", "timeout", "crash"].map((ending) => ({
  ending,
}));

/** The backend is this process: what it has taken and not yet confirmed in a second would be sent twice, and count twice. */
const patientBackend = { OTEL_EXPORTER_OTLP_TIMEOUT: "60000" };

interface Lived {
  readonly records: readonly PlatformRecord[];
  readonly log: readonly LogLine[];
  readonly journal: Journal;
  readonly traceIds: readonly string[];
}

async function lived(
  url: string,
  events: readonly object[],
  variables: Readonly<Record<string, string>> = {},
  freezes = false,
): Promise<Lived> {
  const log: LogLine[] = [];
  const traceIds: string[] = [];
  await using lambda = await emulate({
    task: join(import.meta.dirname, "../fixtures/handlers/endings"),
    layers: [runtime.folder, layer],
    functionName: "told",
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...variables },
    timeoutMs: 2_000,
    observer: () => ({ log: (line) => log.push(line) }),
  });
  for (const event of events) {
    const epoch = (0x65000000 + traceIds.length).toString(16);
    const random = "0123456789abcdef01234567";
    const { logTail } = await lambda.invoke(event, {
      traceId: `Root=1-${epoch}-${random};Parent=53995c3f42cd8ad8;Sampled=1`,
    });
    await logTail;
    traceIds.push(epoch + random);
    if (freezes) await lambda.freeze();
    if (freezes) await lambda.thaw();
  }
  const [environment] = await lambda.environments();
  assert.ok(environment);
  await lambda.close();
  const journal = journalOf(environment);
  const records: PlatformRecord[] = [];
  replay(journal, (_entry, effects) => {
    for (const effect of effects) if (effect.type === "record") records.push(effect.record);
  });
  return { records, log, journal, traceIds };
}

/** What a backend has to know at the end. Figures are those of the last point of each series, unless they are differences. */
function told({ spans, logs, points }: OtlpContent, isDelta: boolean) {
  const series = new Map<string, number>();
  for (const { metric, series: name, value } of points) {
    const key = `${metric} ${name}`;
    series.set(key, value + (isDelta ? (series.get(key) ?? 0) : 0));
  }
  const sum = (metric: string) =>
    [...series].reduce((total, [key, value]) => total + (key.startsWith(`${metric} `) ? value : 0), 0);
  return {
    invocationSpans: spans.filter(({ name }) => name === "told").length,
    initSpans: spans.filter(({ name }) => name === "init").length,
    overheadSpans: spans.filter(({ name }) => name === "extensionOverhead").length,
    lines: logs.length,
    invoked: sum("faas.invoke_duration"),
    initialised: sum("faas.init_duration"),
    memory: sum("faas.mem_usage"),
    succeeded: sum("faas.invocations"),
    errors: sum("faas.errors"),
    timeouts: sum("faas.timeouts"),
    coldStarts: sum("faas.coldstarts"),
    dropped: sum("bootlace.telemetry.dropped"),
  };
}

/** The same, as the emulator knows it. */
function happened({ records, log }: Lived): ReturnType<typeof told> {
  const of = <Type extends PlatformRecord["type"]>(type: Type) =>
    records.filter((record): record is Extract<PlatformRecord, { type: Type }> => record.type === type);
  const done = of("platform.runtimeDone");
  const ended = (status: string) => done.filter((record) => record.status === status).length;
  // Whoever is reset with the function is told no report.
  const reported = of("platform.report").filter(({ status }) => status === "success");
  return {
    invocationSpans: of("platform.start").length,
    initSpans: of("platform.initReport").length,
    overheadSpans: reported.filter(({ spans }) => spans?.some(({ name }) => name === "extensionOverhead")).length,
    lines: log.filter(({ source }) => source === "function").length,
    invoked: done.length,
    initialised: of("platform.initReport").length,
    memory: reported.length,
    succeeded: ended("success"),
    errors: ended("error") + ended("failure"),
    timeouts: ended("timeout"),
    coldStarts: of("platform.initReport").length,
    dropped: 0,
  };
}

/** Each invocation is a trace of its caller; its other spans are below it; its lines belong to it. */
function assertTraces({ spans, logs }: OtlpContent, { traceIds }: Lived): void {
  const invocations = spans.filter(({ name }) => name === "told");
  assert.equal(invocations.map(({ traceId }) => traceId).sort(), [...traceIds].sort());
  assert.ok(invocations.every(({ parentSpanId }) => parentSpanId === "53995c3f42cd8ad8"));
  assert.is(new Set(spans.map(({ spanId }) => spanId)).size, spans.length, "no span is told twice");
  const places = new Set(invocations.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
  for (const { name, traceId, parentSpanId } of spans)
    if (name !== "told") assert.ok(places.has(`${traceId} ${parentSpanId}`), name);
  for (const { traceId, spanId } of logs) assert.ok(places.has(`${traceId} ${spanId}`), "a line without a trace");
}

/** Nobody had to be killed: the extension was done before its deadline. */
function assertLeftInTime({ journal }: Lived): void {
  const exits = journal.entries.flatMap(({ input }) =>
    input.type === "process-exited" && JSON.stringify(input.process).includes("otlp") ? [input.exit] : [],
  );
  assert.ok(exits.length > 0);
  for (const exit of exits) assert.equal(exit, { how: "code", code: 0 });
}

for (const [name, events, variables, freezes] of [
  ["in protobuf", quiet, {}, false],
  ["in JSON, with freezes", quiet, { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, true],
  [
    "compressed, as differences, at the end",
    quiet,
    delta({ OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", BOOTLACE_OTLP_FLUSH: "shutdown" }),
    false,
  ],
  ["from time to time, with freezes", quiet, { BOOTLACE_OTLP_FLUSH: "60" }, true],
  ["over errors, time-outs and crashes", eventful, {}, false],
  [
    "over errors, time-outs and crashes, as differences in JSON",
    eventful,
    delta({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }),
    true,
  ],
] as const) {
  test(
    `tells what happened ${name}`,
    async () => {
      const backend = await otlpReceiver();
      try {
        const life = await lived(backend.url, events, { ...patientBackend, ...variables }, freezes);
        const content = together(backend.taken.map((request) => request.content));
        assert.is(happened(life).timeouts, events.filter(({ ending }) => ending === "timeout").length);
        assert.equal(told(content, "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE" in variables), happened(life));
        assertTraces(content, life);
        assertLeftInTime(life);
      } finally {
        backend.close();
      }
    },
    patient,
  );
}

test(
  "tells everything once to a backend that is unwell at first",
  async () => {
    const backend = await otlpReceiver((count) => (count <= 5 ? 503 : 200));
    try {
      const life = await lived(backend.url, quiet);
      const content = together(backend.taken.map((request) => request.content));
      assert.equal(told(content, false), happened(life));
      assertTraces(content, life);
    } finally {
      backend.close();
    }
  },
  patient,
);

test(
  "counts what a backend refuses for good, and goes on",
  async () => {
    const backend = await otlpReceiver((count) => (count === 1 ? 400 : 200));
    try {
      const life = await lived(backend.url, quiet, { OTEL_METRICS_EXPORTER: "otlp", OTEL_TRACES_EXPORTER: "none" });
      const content = together(backend.taken.map((request) => request.content));
      const { dropped, lines } = told(content, false);
      assert.ok(dropped > 0);
      assert.ok(backend.taken.every(({ signal }) => signal !== "traces"));
      assert.ok(lines <= happened(life).lines && lines >= happened(life).lines - dropped);
      assert.ok(
        life.log.some(({ text }) =>
          /^\[otlp\] The backend refused \d+ of \d+ (logs|metrics) for good: .* 400$/.test(text),
        ),
      );
    } finally {
      backend.close();
    }
  },
  patient,
);

test(
  "holds nothing up when the backend never answers, beyond the time that it may take",
  async () => {
    const backend = await otlpReceiver(() => 0);
    try {
      const life = await lived(backend.url, quiet, { OTEL_EXPORTER_OTLP_TIMEOUT: "200" });
      assert.is(happened(life).succeeded, quiet.length);
      assertLeftInTime(life);
      // After a failure it is left alone for longer and longer, except at the end.
      assert.ok(life.log.some(({ text }) => text.includes("was not taken at attempt 1")));
    } finally {
      backend.close();
    }
  },
  patient,
);

test(
  "holds nothing up when there is no backend",
  async () => {
    const life = await lived(`http://127.0.0.1:${await closedPort()}`, quiet, { OTEL_EXPORTER_OTLP_TIMEOUT: "200" });
    assert.is(happened(life).succeeded, quiet.length);
    assertLeftInTime(life);
  },
  patient,
);

const collector = process.env.BOOTLACE_OTELCOL ?? "";
if (!existsSync(collector))
  test("tells a real OpenTelemetry Collector", () =>
    skip("BOOTLACE_OTELCOL names none; test/otelcol/README.md has one built"));
else
  for (const [name, events] of [
    ["nothing but success", quiet],
    ["errors, time-outs and crashes", eventful],
  ] as const) {
    test(
      `tells a real OpenTelemetry Collector of ${name}`,
      async () => {
        const file = join(root, `${name}.json`);
        const port = await closedPort();
        await using running = await startedCollector(port, file);
        const life = await lived(`http://127.0.0.1:${port}`, events, {}, true);
        await running.ended();
        const content = together(readFileSync(file, "utf8").trimEnd().split("\n").map(ofJson));
        assert.equal(told(content, false), happened(life));
        assertTraces(content, life);
      },
      patient,
    );
  }

function delta(variables: Readonly<Record<string, string>>) {
  return { ...variables, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta" };
}

function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** With a pipeline for each signal, from OTLP/HTTP to one file. */
async function startedCollector(port: number, file: string) {
  const config = join(root, `${port}.yaml`);
  const pipeline = { receivers: ["otlp"], exporters: ["file"] };
  writeFileSync(
    config,
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: { file: { path: file } },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline },
      },
    }),
  );
  const child = spawn(collector, ["--config", config], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes("Everything is ready")) resolve();
    });
    child.once("exit", () => reject(new Error(`The collector has ended: ${said}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { ended: stop, [Symbol.asyncDispose]: stop };
}

test.run();
