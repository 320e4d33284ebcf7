/** Where telemetry can be made to go by an extension that means no good: limits.md 3.2 row 10. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { played } from "./in-process-runtime.ts";
import { exchange, request } from "./raw-client.ts";
import { TelemetryListener } from "./telemetry-listener.ts";
import { telemetryStage, wish } from "./telemetry-stage.ts";

const test = suite("a destination of telemetry");

test("is no API of this emulator, by HTTP or TCP, and is one again when that has closed", async () => {
  await using probe = await telemetryStage();
  const service = await played(({ event }) => event);
  const port = Number(service.address.split(":")[1]);
  const invoke = `http://sandbox.localdomain:${port}/2015-03-31/functions/hello/invocations`;
  const identifier = await probe.register("probe");
  const own = Number(probe.stage.api.split(":")[1]);
  for (const [body, refused] of [
    [wish(invoke), port],
    [wish("", { destination: { protocol: "TCP", port } }), port],
    [wish(`http://sandbox.localdomain:${own}/`), own],
  ] as const) {
    const answer = await probe.put(identifier, body);
    const said = `{"errorType":"Telemetry.AccessDenied","errorMessage":"Port ${refused} is reserved."}`;
    assert.is(`${answer.status} ${answer.body}`, `403 ${said}`);
  }
  await service[Symbol.asyncDispose]();
  assert.is((await probe.put(identifier, wish(invoke))).status, 200);
});

test("is not followed to another place", async () => {
  let reached = 0;
  const metadata = createServer((_request, response) => {
    reached += 1;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(metadata, "listening");
  await using listener = await new TelemetryListener().listen();
  // as: it listens on TCP
  const Location = `http://127.0.0.1:${(metadata.address() as AddressInfo).port}/latest/meta-data/`;
  listener.behave = (response, _batch, number) => response.writeHead(number === 1 ? 307 : 200, { Location }).end();
  await using probe = await telemetryStage();
  await probe.subscriber("probe", wish(listener.uri));
  await listener.until(() => listener.batches.length === 2);
  assert.is(listener.batches[0]?.body, listener.batches[1]?.body, "tried again where it was to go");
  assert.is(reached, 0);
  metadata.close();
});

const strangers = [
  "http://sandbox.localdomain@169.254.169.254:80/latest/meta-data/",
  "http://sandbox.localdomain.evil.example:4243/",
  "http://169.254.169.254:80/",
  "http://2130706433:4243/",
  "http://0x7f.1:4243/",
  "http://[::1]:4243/",
  "http://[::ffff:127.0.0.1]:4243/",
  "http://localhost:4243/",
  "http://sandbox.localdomain.:4243/",
  "http://evil.example\\@sandbox.localdomain:4243/",
  "http://evil.example#@sandbox.localdomain:4243/",
];

test(`is not ${strangers.length} other hosts that look like the one`, async () => {
  await using probe = await telemetryStage();
  const identifier = await probe.register("probe");
  for (const uri of strangers) {
    const { status } = await probe.put(identifier, wish(uri));
    assert.ok(status === 403 || status === 400, `${uri}: ${status}`);
  }
});

test("of our own Invoke API would have been called: the request that is refused is one that it takes", async () => {
  await using service = await played(({ event }) => event);
  const post = "POST /2015-03-31/functions/hello/invocations";
  assert.is((await exchange(service.address, request(post, { Host: service.address }, "[]"))).status, 200);
});

test.run();
