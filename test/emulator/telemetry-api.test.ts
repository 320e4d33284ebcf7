/** PUT /telemetry and PUT /logs over real HTTP: who may subscribe, when, and the bytes of each answer. 3.1, 3.3 */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { exchange, request } from "./raw-client.ts";
import { TelemetryListener } from "./telemetry-listener.ts";
import { telemetryStage, wish } from "./telemetry-stage.ts";

const test = suite("subscribing to telemetry");

const apis = [
  ["Telemetry", "/2022-07-01/telemetry"],
  ["Logs", "/2020-08-15/logs"],
] as const;
const nowhere = wish("http://sandbox.localdomain:1");

for (const [api, path] of apis) {
  test(`answers "OK" without a newline (${api})`, async () => {
    await using probe = await telemetryStage();
    const response = await probe.put(await probe.register("probe"), nowhere, path);
    assert.is(`${response.status} ${response.body}`, '200 "OK"');
    assert.equal(response.lines, ["Content-Type: application/json", "Content-Length: 4", "Date"]);
  });

  test(`writes refusals as the daemon does: the type first, and no newline (${api})`, async () => {
    await using probe = await telemetryStage();
    const identifier = await probe.register("probe");
    const response = await probe.put(identifier, { ...nowhere, buffering: { timeoutMs: 24 } }, path);
    const body = `{"errorType":"${api}.ValidationError","errorMessage":"timeoutMs should be between 25 and 30000"}`;
    assert.is(`${response.status} ${response.body}`, `400 ${body}`);
    assert.is(response.lines[0], "Content-Type: application/json");
    const denied = await probe.put(identifier, wish("https://sandbox.localdomain:1"), path);
    assert.is(
      `${denied.status} ${denied.body}`,
      `403 {"errorType":"${api}.AccessDenied","errorMessage":"Only 'http' scheme is supported."}`,
    );
  });

  test(`is closed when Init is over, whatever the body (${api})`, async () => {
    await using probe = await telemetryStage();
    const identifier = await probe.register("probe");
    await probe.extensionNext("probe", identifier);
    await probe.runtimeNext();
    await probe.stage.environment.available();
    for (const body of [nowhere, "{"]) {
      const response = await probe.put(identifier, body, path);
      const text = `{"errorMessage":"${api} API subscription is closed already","errorType":"${api}.SubscriptionClosed"}\n`;
      assert.is(`${response.status} ${response.body}`, `403 ${text}`);
    }
  });

  test(`checks the identifier before everything else (${api})`, async () => {
    await using probe = await telemetryStage();
    const unknown = "00000000-0000-4000-8000-000000000000";
    const put = async (identifier: string) => String((await probe.put(identifier, "{", path)).body);
    assert.match(await put(""), /"errorType":"Extension\.MissingExtensionIdentifier"\}\n$/);
    assert.match(await put("x"), /"errorType":"Extension\.InvalidExtensionIdentifier"\}\n$/);
    const body = `{"errorMessage":"Unknown extension ${unknown}","errorType":"Extension.UnknownExtensionIdentifier"}\n`;
    assert.is(await put(unknown), body);
    const without = await exchange(probe.stage.api, request(`PUT ${path}`, {}, "{}"));
    assert.match(String(without.body), /MissingExtensionIdentifier/);
  });
}

for (const [api, path] of apis) {
  test(`is answered as the official emulator does in its profile, whoever asks (${api}, 3.1)`, async () => {
    await using probe = await telemetryStage({ profile: "rie" });
    const response = await probe.put("", "{", path);
    const text = `{"errorMessage":"${api} API is not supported","errorType":"${api}.NotSupported"}\n`;
    assert.is(`${response.status} ${response.body}`, `202 ${text}`);
  });
}

test("of Managed Instances takes one version only", async () => {
  await using probe = await telemetryStage({ profile: "lmi" });
  const identifier = await probe.register("probe", ["SHUTDOWN"]);
  const response = await probe.put(identifier, { ...nowhere, schemaVersion: "2022-12-13" });
  assert.match(`${response.status} ${response.body}`, /^400 .*"schemaVersion should be 2025-01-29"\}$/);
  assert.is((await probe.put(identifier, nowhere)).status, 200);
});

test("is a matter of PUT", async () => {
  await using probe = await telemetryStage();
  assert.is((await exchange(probe.stage.api, request("POST /2022-07-01/telemetry", {}, "{}"))).status, 405);
});

test("does not know identifiers from before a reset", async () => {
  await using probe = await telemetryStage();
  const before = await probe.register("probe");
  probe.stage.exit("extension:probe", { how: "code", code: 1 });
  void probe.stage.invoke("r-1");
  await probe.stage.until(() => probe.stage.alive("extension:probe"));
  assert.is((await probe.put(before, nowhere)).status, 403);
  assert.is((await probe.put(await probe.register("probe"), nowhere)).status, 200);
});

test("is open to an extension that waits in next, as long as somebody else does not", async () => {
  await using probe = await telemetryStage();
  const identifier = await probe.register("probe");
  await probe.extensionNext("probe", identifier);
  assert.is((await probe.put(identifier, nowhere)).status, 200);
});

test("a second time changes nothing, and says so in an event", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const identifier = await probe.subscriber("probe", wish(listener.uri, { types: ["platform"] }));
  assert.is((await probe.put(identifier, nowhere)).status, 200);
  await listener.until(
    () => listener.events.filter(({ type }) => type === "platform.telemetrySubscription").length === 2,
  );
  const states = listener.events.flatMap(({ record }) => (record.state === undefined ? [] : [record.state]));
  assert.equal(states, ["Subscribed", "Already subscribed"]);
});

test("is for both APIs at once, each with its own words", async () => {
  await using listener = await new TelemetryListener().listen();
  await using logs = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const identifier = await probe.subscriber("probe", wish(listener.uri, { types: ["platform"] }));
  const old = wish(logs.uri, { types: ["platform"], schemaVersion: undefined });
  assert.is((await probe.put(identifier, old, "/2020-08-15/logs")).status, 200);
  const record = { name: "probe", state: "Subscribed", types: ["platform"] };
  assert.equal((await listener.event("platform.telemetrySubscription")).record, record);
  assert.equal((await logs.event("platform.logsSubscription")).record, record);
  assert.not(listener.events.some(({ type }) => type === "platform.logsSubscription"));
});

test("is told to those who subscribed earlier, and not to later ones (3.4)", async () => {
  await using first = await new TelemetryListener().listen();
  await using second = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ extensions: ["a", "b"] });
  await probe.subscriber("a", wish(first.uri, { types: ["platform"] }));
  await probe.subscriber("b", wish(second.uri, { types: ["platform"] }));
  const names = (listener: TelemetryListener) =>
    listener.events.filter(({ type }) => type === "platform.telemetrySubscription").map(({ record }) => record.name);
  await first.until(() => names(first).length === 2);
  await second.until(() => names(second).length === 1);
  assert.equal(names(first), ["a", "b"]);
  assert.equal(names(second), ["b"]);
  assert.is(second.events[0]?.type, "platform.initStart", "what came before it");
});

test("is written into the log", async () => {
  await using probe = await telemetryStage();
  const identifier = await probe.subscriber("probe", { ...nowhere, types: ["function", "platform"] });
  await probe.put(identifier, { ...nowhere, types: ["extension"], schemaVersion: undefined }, "/2020-08-15/logs");
  assert.equal(probe.stage.lines, [
    "TELEMETRY\tName: probe\tState: Subscribed\tTypes: [Platform, Function]",
    "LOGS\tName: probe\tState: Subscribed\tTypes: [Extension]",
  ]);
});

test.run();
