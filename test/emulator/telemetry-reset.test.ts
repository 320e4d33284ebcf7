/** Subscriptions outlive a reset, as in real deliveries after a time-out: what nobody was there to hear comes with the next Init. 3.5, 4.3 */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type ReadEvent, TelemetryListener } from "./telemetry-listener.ts";
import { type TelemetryStage, telemetryStage, wish } from "./telemetry-stage.ts";

const test = suite("telemetry after a reset");

type Cause = "time-out" | "crash";

/** A crash need not wait for a time-out; and what follows a time-out has as long, which must do on a busy machine. */
function stageFor(cause: Cause): Promise<TelemetryStage> {
  return telemetryStage({ timeoutMs: cause === "crash" ? 10_000 : 1_000 });
}

/** An extension hears an invocation begin, and how it ended; the environment is reset, and cold then. */
async function reset(probe: TelemetryStage, listener: TelemetryListener, cause: Cause, path?: string): Promise<void> {
  const { stage } = probe;
  const identifier = await probe.subscriber("probe", wish(listener.uri, version(path)), path);
  await probe.extensionNext("probe", identifier);
  const runtime = await probe.runtimeNext();
  await stage.environment.available();
  const result = stage.invoke("r-1");
  await runtime.response();
  if (cause === "crash") stage.exit("runtime", { how: "code", code: 3 });
  await stage.until(() => stage.environment.state.phase.at === "shutdown" && !stage.alive("runtime"));
  await listener.event("platform.runtimeDone");
  stage.exit("extension:probe", { how: "code", code: 0 });
  await result;
}

/** The extension of the next life subscribes again. */
async function again(probe: TelemetryStage, uri: string, path?: string) {
  void probe.stage.invoke("r-2").catch(() => {});
  await probe.stage.until(() => probe.stage.alive("extension:probe"));
  const identifier = await probe.register("probe");
  return probe.put(identifier, wish(uri, version(path)), path);
}

function version(path: string | undefined) {
  return path === undefined ? {} : { schemaVersion: "2021-03-18" };
}

function told(events: readonly ReadEvent[]): readonly (readonly [string, unknown])[] {
  return events.map(({ type, record }) => [type, record.status ?? record.state ?? record.phase ?? record.requestId]);
}

for (const [cause, status] of [
  ["time-out", "timeout"],
  ["crash", "error"],
] as const) {
  test(`the report of an invocation that ended in a ${cause} comes first, and then all of the Init that follows`, async () => {
    await using before = await new TelemetryListener().listen();
    await using after = await new TelemetryListener().listen();
    await using probe = await stageFor(cause);
    await reset(probe, before, cause);
    const { status: code, body } = await again(probe, after.uri);
    assert.is(`${code} ${body}`, '200 "AlreadySubscribed"');
    await after.event("platform.telemetrySubscription");
    assert.equal(told(after.events), [
      ["platform.report", status],
      ["platform.initStart", "invoke"],
      ["platform.telemetrySubscription", "Already subscribed"],
    ]);
    assert.not(before.events.some(({ type }) => type === "platform.report"));
    assert.is(before.events.filter(({ type }) => type === "platform.runtimeDone").length, 1);
  });
}

test("the Logs API tells of the end as well", async () => {
  const path = "/2020-08-15/logs";
  await using before = await new TelemetryListener().listen();
  await using after = await new TelemetryListener().listen();
  await using probe = await stageFor("time-out");
  await reset(probe, before, "time-out", path);
  await again(probe, after.uri, path);
  await after.event("platform.logsSubscription");
  assert.equal(
    after.events.map(({ type }) => type),
    ["platform.end", "platform.report", "platform.logsSubscription"],
  );
});

test("an extension of another name has nothing of it", async () => {
  await using before = await new TelemetryListener().listen();
  await using after = await new TelemetryListener().listen();
  await using probe = await stageFor("crash");
  await reset(probe, before, "crash");
  void probe.stage.invoke("r-2").catch(() => {});
  await probe.stage.until(() => probe.stage.alive("extension:probe"));
  await probe.register("probe");
  await probe.stage.until(() => probe.stage.alive("runtime"));
  const { body } = await probe.put(await probe.register("inside", ["INVOKE"]), wish(after.uri));
  assert.is(body.toString(), '"OK"');
  await after.event("platform.telemetrySubscription");
  assert.equal(told(after.events), [
    ["platform.initStart", "invoke"],
    ["platform.telemetrySubscription", "Subscribed"],
  ]);
});

test("who does not subscribe again in that Init has to begin anew after the next reset", async () => {
  await using before = await new TelemetryListener().listen();
  await using after = await new TelemetryListener().listen();
  await using probe = await stageFor("crash");
  const { stage } = probe;
  await reset(probe, before, "crash");
  const second = stage.invoke("r-2");
  await stage.until(() => stage.alive("extension:probe"));
  await probe.extensionNext("probe", await probe.register("probe"));
  const runtime = await probe.runtimeNext();
  await runtime.response();
  stage.exit("runtime", { how: "code", code: 3 });
  await stage.until(() => stage.environment.state.phase.at === "shutdown" && !stage.alive("runtime"));
  stage.exit("extension:probe", { how: "code", code: 0 });
  await second;
  assert.is((await again(probe, after.uri)).body.toString(), '"OK"');
});

test.run();
