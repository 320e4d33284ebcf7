/** A log in JSON format: Lambda's lines as records, levels, whole lines in tails. 4.6, 5.6 */
import * as assert from "uvu/assert";
import { type FunctionConfigurationInput, parseConfiguration } from "../../src/emulator/function-configuration.ts";
import { LogTail } from "../../src/emulator/log-tail.ts";
import { suite } from "../helpers/suite.ts";
import { staged } from "./staged-environment.ts";
import { TelemetryListener } from "./telemetry-listener.ts";
import { telemetryStage, wish } from "./telemetry-stage.ts";

const test = suite("a log in JSON format");

/** The lines of a cold invocation, in which the function writes `output` before it answers. */
async function linesOf(configuration: FunctionConfigurationInput, output = ""): Promise<readonly string[]> {
  await using stage = await staged({ configuration: { logFormat: "JSON", ...configuration } });
  const result = stage.invoke("r-1");
  await stage.until(() => stage.told.includes("start runtime"));
  stage.wrote("runtime", output);
  await stage.serve("r-1");
  await result;
  stage.exit("runtime", { how: "code", code: 1 });
  await stage.environment.available();
  return [...stage.lines];
}

function types(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line.startsWith("{") ? (JSON.parse(line).type ?? line) : line));
}

test("has records for lines", async () => {
  const [start, , report] = await linesOf({});
  const date = /^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","type":"/;
  assert.match(start ?? "", date);
  assert.match(start ?? "", /"type":"platform\.start","record":\{"requestId":"r-1","version":"\$LATEST"\}\}$/);
  const parsed = JSON.parse(report ?? "");
  assert.equal(Object.keys(parsed.record), ["requestId", "metrics", "errorType", "status"]);
  assert.equal([parsed.record.errorType, parsed.record.status], ["Runtime.ExitError", "error"]);
});

test("has what its level says", async () => {
  const at = async (systemLogLevel: "DEBUG" | "INFO" | "WARN") => types(await linesOf({ systemLogLevel }));
  const failed = ["platform.runtimeDone", "platform.report"];
  assert.equal(await at("WARN"), failed);
  assert.equal(await at("INFO"), ["platform.start", ...failed]);
  const init = ["platform.initStart", "platform.initRuntimeDone", "platform.initReport"];
  assert.equal(await at("DEBUG"), [...init, "platform.start", ...failed]);
});

test("has the function's lines from its level on, by the level that each gives itself", async () => {
  const output = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].map((level) => `{"level":"${level}"}\n`).join("");
  const at = async (applicationLogLevel?: "TRACE" | "WARN") => {
    const levels = applicationLogLevel === undefined ? {} : { applicationLogLevel };
    const lines = await linesOf({ ...levels, systemLogLevel: "WARN" }, `${output}plain\n`);
    return lines.filter((line) => !line.includes("platform."));
  };
  const json = (...levels: readonly string[]) => levels.map((level) => `{"level":"${level}"}`);
  assert.equal(await at(), [...json("INFO", "WARN", "ERROR"), "plain"]);
  assert.equal(await at("TRACE"), [...json("TRACE", "DEBUG", "INFO", "WARN", "ERROR"), "plain"]);
  assert.equal(await at("WARN"), json("WARN", "ERROR"));
});

test("keeps nothing from telemetry, nor any line of an extension", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ configuration: { logFormat: "JSON", systemLogLevel: "WARN" } });
  await probe.subscriber("probe", wish(listener.uri));
  probe.stage.wrote("runtime", '{"level":"DEBUG"}\n');
  probe.stage.wrote("extension:probe", '{"level":"DEBUG"}\n');
  assert.equal((await listener.event("function")).record, { level: "DEBUG" });
  await listener.event("platform.initStart");
  assert.equal(probe.stage.log, [{ source: "extension", name: "probe", text: '{"level":"DEBUG"}' }]);
});

test("tells of a subscription and of losses", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ configuration: { logFormat: "JSON" } });
  await probe.subscriber("probe", wish(listener.uri, { types: ["extension"] }));
  const subscription = JSON.parse(probe.stage.lines[0] ?? "");
  assert.equal([subscription.type, subscription.record.name], ["platform.telemetrySubscription", "probe"]);
  const long = `${"x".repeat(900_000)}\n`;
  for (let n = 0; n < 3; n++) probe.stage.wrote("extension:probe", long);
  probe.stage.wrote("extension:probe", "x\n");
  const dropped = probe.stage.lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  assert.equal(dropped.at(-1)?.type, "platform.logsDropped");
  assert.is(dropped.at(-1)?.record.droppedRecords, 1);
  // Whoever does not ask for such events gets none.
  await listener.until(() => listener.events.some(({ record }) => record === "x\n"));
  assert.not(listener.events.some(({ type }) => type !== "extension"));
});

test("is told to the runtime, and Text is not", async () => {
  const variables = async (configuration: FunctionConfigurationInput) => {
    await using stage = await staged({ configuration });
    void stage.environment.init();
    await stage.until(() => stage.told.includes("start runtime"));
    const env = stage.specs[0]?.env;
    return [env?.AWS_LAMBDA_LOG_FORMAT, env?.AWS_LAMBDA_LOG_LEVEL];
  };
  assert.equal(await variables({}), [undefined, undefined]);
  assert.equal(await variables({ logFormat: "JSON" }), ["JSON", "INFO"]);
  assert.equal(await variables({ logFormat: "JSON", applicationLogLevel: "TRACE" }), ["JSON", "TRACE"]);
});

const wrong = [
  [{ logFormat: "json" }, 'Cannot use "logFormat" of the function: it takes Text or JSON'],
  [
    { systemLogLevel: "DEBUG" },
    'Cannot use "systemLogLevel" of the function: it takes a level only when the log format is JSON',
  ],
  [
    { logFormat: "JSON", systemLogLevel: "ERROR" },
    'Cannot use "systemLogLevel" of the function: it takes DEBUG, INFO, WARN',
  ],
  [
    { logFormat: "JSON", applicationLogLevel: "LOUD" },
    'Cannot use "applicationLogLevel" of the function: it takes TRACE, DEBUG, INFO, WARN, ERROR, FATAL',
  ],
] as const;
for (const [input, message] of wrong) {
  test(`cannot be had with ${JSON.stringify(input)}`, () => {
    // as: what a stranger writes
    assert.throws(
      () => parseConfiguration(input as FunctionConfigurationInput),
      (error: Error) => error.message === message,
    );
  });
}

test("has whole lines in its tails", () => {
  const tail = (wholeLines: boolean) => {
    const tail = new LogTail(wholeLines);
    for (const letter of ["a", "b", "c"]) tail.add(letter.repeat(1_999));
    return tail.bytes().toString();
  };
  assert.is(tail(true), `${"b".repeat(1_999)}\n${"c".repeat(1_999)}\n`);
  assert.is(tail(false), `${"a".repeat(95)}\n${"b".repeat(1_999)}\n${"c".repeat(1_999)}\n`);
  const exact = new LogTail(true);
  exact.add("a".repeat(4_095));
  assert.is(exact.bytes().length, 4_096);
});

test.run();
