/** Telemetry of a real environment to real listeners: how it comes, and when. 3.4 */
import { createHash } from "node:crypto";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { life, types } from "./telemetry-life.ts";
import { type ReadEvent, TelemetryLines, TelemetryListener } from "./telemetry-listener.ts";
import { telemetryStage, type Wish, wish } from "./telemetry-stage.ts";

const test = suite("telemetry");

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

test.run();
