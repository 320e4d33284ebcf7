import { once } from "node:events";
import { connect } from "node:net";
import * as assert from "uvu/assert";
import { listenForTelemetry, type TelemetryDelivery } from "../../../src/extension/telemetry/listener.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("the listener for telemetry");
const event = (text: string) => ({ time: "t", type: "function", record: text });

test("acknowledges a delivery and hears it with its sequence id", async () => {
  const heard: TelemetryDelivery[] = [];
  const listener = await listenForTelemetry("HTTP", (delivery) => heard.push(delivery));
  const post = (body: string) =>
    fetch(`http://127.0.0.1:${listener.port}/telemetry`, { method: "POST", body, headers: { "sequence-id": "abc" } });
  assert.is((await post(JSON.stringify([event("☃"), 7, event("b")]))).status, 200);
  assert.is((await post("{")).status, 400);
  assert.is((await post("{}")).status, 400);
  assert.equal(heard, [{ sequenceId: "abc", records: [event("☃"), event("b")] }]);
  listener.close();
});

test("hears lines over TCP wherever they are cut", async () => {
  const heard: TelemetryDelivery[] = [];
  const all = Promise.withResolvers<void>();
  const listener = await listenForTelemetry("TCP", (delivery) => {
    heard.push(delivery);
    if (heard.length === 3) all.resolve();
  });
  const socket = connect(listener.port, "127.0.0.1");
  await once(socket, "connect");
  const bytes = Buffer.from(
    `${JSON.stringify(event("a☃"))}\nnonsense\n${JSON.stringify(event("b"))}\n${JSON.stringify(event("c"))}\n`,
  );
  for (const byte of bytes) socket.write(Buffer.from([byte]));
  await all.promise;
  assert.equal(heard, [{ records: [event("a☃")] }, { records: [event("b")] }, { records: [event("c")] }]);
  socket.destroy();
  listener.close();
});

test.run();
