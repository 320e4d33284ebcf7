/** Destinations that are dead, slow, silent, wrong or talkative: what that costs, and whom. 3.4 */

import { connect, createServer } from "node:net";
import * as assert from "uvu/assert";
import type { DeliverySettings } from "../../src/core/telemetry/delivery-model.ts";
import { senderTo } from "../../src/emulator/telemetry/batch-sender.ts";
import { Subscriber } from "../../src/emulator/telemetry/subscriber.ts";
import { machineClock } from "../../src/platform/clock.ts";
import type { TelemetryDestination } from "../../src/protocol/telemetry.ts";
import { TelemetryLines, TelemetryListener } from "../emulator/telemetry-listener.ts";
import { telemetryStage, wish } from "../emulator/telemetry-stage.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a destination of telemetry");

const settings: DeliverySettings = {
  maxItems: 10,
  maxBytes: 100_000,
  timeoutMs: 5,
  attemptsMax: 3,
  backoffMs: 10,
  answerTimeoutMs: 10_000,
  flushTimeoutMs: 5,
  batchesHeldMax: 4,
};

interface Telling extends Disposable {
  readonly subscriber: Subscriber;
  readonly lost: { records: number };
}

/** A subscriber with little patience. */
function telling(destination: TelemetryDestination, overrides: Partial<DeliverySettings> = {}): Telling {
  const lost = { records: 0 };
  const dial = (port: number) => connect(port, "127.0.0.1");
  const subscriber = new Subscriber({ ...settings, ...overrides }, senderTo(destination, dial), {
    now: () => machineClock.now(),
    lossEvent: ({ records }) => {
      lost.records += records;
      return JSON.stringify({ time: "", type: "platform.logsDropped", record: { droppedRecords: records } });
    },
  });
  return { subscriber, lost, [Symbol.dispose]: () => subscriber.close() };
}

const event = (n: number) => JSON.stringify({ time: "", type: "function", record: `line ${n}` });
const over = (port: number) => ({ protocol: "HTTP", method: "POST", port, path: "/" }) as const;

/** What is left of the numbers of lines. */
function linesIn(events: readonly { readonly record: unknown }[]): readonly number[] {
  return events.flatMap(({ record }) => (typeof record === "string" ? [Number(record.slice(5))] : []));
}

test("that is down when it is first tried gets everything once it is up", async () => {
  await using listener = await new TelemetryListener().listen();
  const { port } = listener;
  await listener[Symbol.asyncDispose]();
  using told = telling(over(port), { attemptsMax: 20 });
  told.subscriber.offer(event(1));
  await using again = await new TelemetryListener().listen(port);
  await again.until(() => again.batches.length > 0);
  assert.equal(linesIn(again.events), [1]);
});

test("that stays down costs the events, and it is told of them when it is up", async () => {
  await using listener = await new TelemetryListener().listen();
  const { port } = listener;
  await listener[Symbol.asyncDispose]();
  using told = telling(over(port), { attemptsMax: 1 });
  told.subscriber.offer(event(1));
  while (told.subscriber.totals.dropped === 0) await new Promise((resolve) => setImmediate(resolve));
  await using again = await new TelemetryListener().listen(port);
  told.subscriber.offer(event(2));
  const { record } = await again.event("platform.logsDropped");
  assert.is(record.droppedRecords, 1);
  assert.equal(linesIn(again.events), [2]);
});

test("that never answers is given up, and its connection closed", async () => {
  await using listener = await new TelemetryListener().listen();
  const closed: Promise<unknown>[] = [];
  listener.behave = (response) => closed.push(new Promise((resolve) => response.once("close", () => resolve(true))));
  using told = telling(over(listener.port), { attemptsMax: 2, answerTimeoutMs: 50 });
  told.subscriber.offer(event(1));
  await listener.until(() => listener.batches.length === 2);
  await Promise.all(closed);
  assert.equal(told.subscriber.totals, { offered: 1, delivered: 0, dropped: 1 });
});

for (const status of [199, 301, 404, 500]) {
  test(`that answers ${status} is tried again`, async () => {
    await using listener = await new TelemetryListener().listen();
    listener.behave = (response, _batch, number) => {
      if (number > 1) return void response.end();
      if (status >= 200) return void response.writeHead(status, { Location: "http://127.0.0.1:1/" }).end();
      response.socket?.end(`HTTP/1.1 ${status} x\r\n\r\n`);
    };
    using told = telling(over(listener.port));
    told.subscriber.offer(event(1));
    await listener.until(() => listener.batches.length === 2);
    assert.is(listener.batches[0]?.body, listener.batches[1]?.body);
  });
}

test("that hangs up in the middle, or speaks no HTTP, is tried again", async () => {
  const answers = ["", "HTTP/1.1 200 OK\r\nContent-Le", "\0\0\0", "220 smtp.example.com\r\n"];
  let calls = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answers[calls++] ?? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  using told = telling(over(typeof address === "object" ? (address?.port ?? 0) : 0), { attemptsMax: 9 });
  told.subscriber.offer(event(1));
  while (told.subscriber.totals.delivered === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.is(calls, 5);
  server.close();
});

test("whose answer does not end has taken its batch, and the next one", async () => {
  await using listener = await new TelemetryListener().listen();
  listener.behave = (response) => {
    const more = () => response.write("x".repeat(65_536), (error) => error || more());
    more();
  };
  using told = telling(over(listener.port));
  for (const n of [1, 2, 3]) {
    told.subscriber.offer(event(n));
    await listener.until(() => linesIn(listener.events).includes(n));
  }
  assert.equal(linesIn(listener.events), [1, 2, 3]);
});

test("whose answer does not end is not read to the end of days", async () => {
  await using listener = await new TelemetryListener().listen();
  const closed = new Promise((resolve) => {
    listener.behave = (response) => {
      const more = () => response.write("x".repeat(65_536), (error) => error || more());
      response.once("close", resolve);
      more();
    };
  });
  using told = telling(over(listener.port));
  told.subscriber.offer(event(1));
  await closed;
  assert.is(told.subscriber.totals.delivered, 1);
});

test("that is slow gets in order what was not dropped, and is told how much was", async () => {
  await using listener = await new TelemetryListener().listen();
  const waiting: (() => void)[] = [];
  listener.behave = (response) => waiting.push(() => response.end());
  using told = telling(over(listener.port));
  for (let n = 0; n < 10; n++) told.subscriber.offer(event(n));
  await listener.until(() => waiting.length > 0);
  for (let n = 10; n < 10_000; n++) told.subscriber.offer(event(n));
  listener.behave = (response) => response.end();
  for (const answer of waiting) answer();
  await listener.event("platform.logsDropped");
  const lines = linesIn(listener.events);
  const { offered, dropped } = told.subscriber.totals;
  assert.equal(
    lines,
    [...lines].sort((a, b) => a - b),
  );
  assert.is(new Set(lines).size, lines.length);
  assert.equal([offered, dropped], [10_000, 10_000 - settings.maxItems * settings.batchesHeldMax]);
  assert.is(told.lost.records, dropped);
});

test("over TCP that does not read gets no more than it is held for", async () => {
  await using lines = await new TelemetryLines().listen();
  using told = telling({ protocol: "TCP", port: lines.port }, { maxItems: 1_000, maxBytes: 1_000_000, attemptsMax: 1 });
  told.subscriber.offer(event(0));
  await lines.until(() => lines.sockets.length === 1);
  lines.sockets[0]?.pause();
  const long = JSON.stringify({ time: "", type: "function", record: "x".repeat(100_000) });
  for (let n = 0; n < 200; n++) told.subscriber.offer(long);
  while (told.subscriber.totals.dropped < 160) await new Promise((resolve) => setImmediate(resolve));
  const { offered, delivered, dropped } = told.subscriber.totals;
  assert.ok(offered - delivered - dropped <= 40, "four batches of ten");
});

test("does not hold back the invocation, nor anybody else, by being silent", async () => {
  await using silent = await new TelemetryListener().listen();
  silent.behave = () => {};
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage({ extensions: ["a", "b"] });
  const a = await probe.subscriber("a", wish(silent.uri));
  const b = await probe.subscriber("b", wish(listener.uri));
  const waiting = [await probe.extensionNext("a", a), await probe.extensionNext("b", b)];
  await probe.runtimeNext();
  await probe.stage.environment.available();
  const result = probe.stage.invoke("r-1");
  await probe.stage.serve("r-1");
  await result;
  await probe.runtimeNext();
  for (const client of waiting) await client.response();
  await probe.extensionNext("a", a);
  await probe.extensionNext("b", b);
  await probe.stage.environment.available();
  probe.stage.environment.thaw();
  await listener.event("platform.report");
});

test("that is somebody's who logs about each event it hears keeps to its own buffer", async () => {
  await using listener = await new TelemetryListener().listen();
  await using probe = await telemetryStage();
  const threeMegabytes = `${"x".repeat(10_000)}\n`.repeat(300);
  listener.behave = (response, _batch, number) => {
    // Each of its first batches makes it say more than is held for it.
    if (number <= 3) probe.stage.wrote("extension:probe", threeMegabytes);
    response.end();
  };
  await probe.subscriber("probe", wish(listener.uri, { types: ["platform", "extension"] }));
  const { record } = await listener.event("platform.logsDropped");
  assert.ok(record.droppedRecords > 0);
  probe.stage.exit("extension:probe", { how: "code", code: 0 });
});

test("is of the environment that subscribed: others with the same extension hear their own", async () => {
  await using first = await new TelemetryListener().listen();
  await using second = await new TelemetryListener().listen();
  await using one = await telemetryStage();
  await using other = await telemetryStage();
  await one.subscriber("probe", wish(first.uri));
  await other.subscriber("probe", wish(second.uri));
  one.stage.wrote("extension:probe", "one\n");
  other.stage.wrote("extension:probe", "other\n");
  await first.event("extension");
  await second.event("extension");
  assert.equal(
    first.events.filter(({ type }) => type === "extension").map(({ record }) => record),
    ["one\n"],
  );
  assert.equal(
    second.events.filter(({ type }) => type === "extension").map(({ record }) => record),
    ["other\n"],
  );
});

test.run();
