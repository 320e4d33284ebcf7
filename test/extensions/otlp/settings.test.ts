import * as assert from "uvu/assert";
import { settingsOf } from "../../../extensions/otlp/settings.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("settings of the extension otlp:");

test("without a variable, everything goes to the Collector beside it", () => {
  const { destinations, ...others } = settingsOf({});
  const usual = { headers: {}, format: "http/protobuf", compression: "none" };
  assert.equal(destinations, {
    traces: { url: "http://localhost:4318/v1/traces", ...usual },
    logs: { url: "http://localhost:4318/v1/logs", ...usual },
    metrics: { url: "http://localhost:4318/v1/metrics", ...usual },
  });
  assert.equal(others, {
    timeoutMs: 1_000,
    flush: "invocation",
    temporality: "cumulative",
    attributes: {},
    warnings: [],
  });
});

test("what is said of one signal wins over what is said of all", () => {
  const { destinations, warnings } = settingsOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://all.example/base/",
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://logs.example/as/it/is",
    OTEL_EXPORTER_OTLP_HEADERS: "a=1, b=x%20y%3D,both=all",
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: "both=own",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: "gzip",
    OTEL_METRICS_EXPORTER: "none",
  });
  assert.equal(destinations, {
    traces: {
      url: "https://all.example/base/v1/traces",
      headers: { a: "1", b: "x y=", both: "all" },
      format: "http/json",
      compression: "none",
    },
    logs: {
      url: "http://logs.example/as/it/is",
      headers: { a: "1", b: "x y=", both: "own" },
      format: "http/json",
      compression: "gzip",
    },
  });
  assert.equal(warnings, []);
});

test("the name of the service wins over the attributes", () => {
  const { attributes } = settingsOf({
    OTEL_SERVICE_NAME: "own",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=other,deployment.environment.name=test",
  });
  assert.equal(attributes, { "service.name": "own", "deployment.environment.name": "test" });
});

test("a disabled SDK sends nothing", () => {
  assert.equal(settingsOf({ OTEL_SDK_DISABLED: "TRUE" }).destinations, {});
});

for (const [variables, field, value] of [
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "250" }, "timeoutMs", 250],
  [{ BOOTLACE_OTLP_FLUSH: "5000" }, "flush", { everyMs: 5_000 }],
  [{ BOOTLACE_OTLP_FLUSH: "shutdown" }, "flush", "shutdown"],
  [{ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "LowMemory" }, "temporality", "delta"],
] as const) {
  test(`${JSON.stringify(variables)} is understood`, () => {
    const settings = settingsOf(variables);
    assert.equal([settings[field], settings.warnings], [value, []]);
  });
}

/** Ignored, with a warning that says what the variable takes and never what a header holds. */
for (const [variables, warning] of [
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
    'No traces are sent: the endpoint takes an http or https URL, not "collector:4318"',
  ],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    '"OTEL_EXPORTER_OTLP_PROTOCOL" takes http/protobuf or http/json, not "grpc": http/protobuf is used',
  ],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: "1s" }, '"OTEL_EXPORTER_OTLP_TIMEOUT" takes milliseconds, not "1s": 1000 are used'],
  [{ OTEL_TRACES_EXPORTER: "zipkin" }, '"OTEL_TRACES_EXPORTER" takes otlp or none, not "zipkin": otlp is used'],
  [
    { OTEL_EXPORTER_OTLP_HEADERS: "secret" },
    '"OTEL_EXPORTER_OTLP_HEADERS" takes key=value pairs with commas between them: one that is none is left out',
  ],
  [
    { BOOTLACE_OTLP_FLUSH: "0" },
    '"BOOTLACE_OTLP_FLUSH" takes invocation, shutdown or milliseconds, not "0": invocation is used',
  ],
  [
    { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "x" },
    '"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE" takes cumulative, delta or lowmemory, not "x": cumulative is used',
  ],
] as const) {
  test(`${JSON.stringify(variables)} is told`, () => {
    const { warnings } = settingsOf(variables);
    assert.is(warnings[0], warning);
    assert.is(new Set(warnings).size, warnings.length, "one variable is told once");
  });
}

test.run();
