import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import { TelemetryInbox } from "../../../src/extension/telemetry/inbox.ts";
import { InvocationLedger } from "../../../src/extension/telemetry/invocation-ledger.ts";
import { type Deliver, type TelemetryBatch, TelemetryOutbox } from "../../../src/extension/telemetry/outbox.ts";
import { type TelemetryRecord, telemetryRecordOf } from "../../../src/extension/telemetry/record.ts";
import { subscriptionBody } from "../../../src/extension/telemetry/subscription.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("telemetry of the extension SDK:");
const line = (text: string): TelemetryRecord => ({ time: "", type: "function", record: text });
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(`${from + i}`));
const texts = (records: readonly TelemetryRecord[]) =>
  records.map((record) => (record.type === "function" ? record.record : record.type));
const forever = () => new AbortController().signal;

test("a delivery that comes twice is kept once", () => {
  const inbox = new TelemetryInbox();
  assert.ok(inbox.put({ sequenceId: "a", records: lines(0, 2) }));
  assert.not.ok(inbox.put({ sequenceId: "a", records: lines(0, 2) }));
  assert.ok(inbox.put({ records: lines(2, 3) }));
  assert.ok(inbox.put({ records: lines(2, 3) }), "without an id nothing can be told");
  assert.equal(texts(inbox.take().records), ["0", "1", "2", "2"]);
  assert.not.ok(inbox.put({ sequenceId: "a", records: lines(0, 2) }), "also after it was taken");
});

test("the oldest records go first, and are counted", () => {
  const inbox = new TelemetryInbox({ recordsMax: 3 });
  inbox.put({ records: lines(0, 5) });
  inbox.putBack(lines(90, 91), 4);
  const { records, dropped } = inbox.take();
  assert.equal([texts(records), dropped], [["2", "3", "4"], 2 + 4 + 1]);
  assert.equal(inbox.take(), { records: [], dropped: 0 });
});

test("records that are many bytes go as well, the oldest first, until the rest fits", () => {
  const size = Buffer.byteLength(JSON.stringify(line("")));
  const inbox = new TelemetryInbox({ bytesMax: 2 * (size + 100) });
  const long = (letter: string) => line(letter.repeat(100));
  inbox.put({ records: [long("a")] });
  assert.not.ok(inbox.isHalfFull);
  inbox.put({ records: [long("b")] });
  assert.ok(inbox.isHalfFull);
  assert.is(inbox.size, 2);
  inbox.put({ records: [long("c"), line("é".repeat(25))] });
  inbox.putBack([long("z")], 0);
  const { records, dropped } = inbox.take();
  assert.equal([texts(records), dropped], [["c".repeat(100), "é".repeat(25)], 3]);
  assert.not.ok(inbox.isHalfFull, "what was taken weighs nothing");
});

function outboxOf(inbox: TelemetryInbox, deliver: Deliver, timeoutMs = 5_000) {
  const seen: string[] = [];
  const noting: Deliver = (batch: TelemetryBatch, signal) => {
    seen.push(`${batch.number}.${batch.attempt} ${texts(batch.records).join(",")} -${batch.dropped}`);
    return deliver(batch, signal);
  };
  return { seen, outbox: new TelemetryOutbox(inbox, noting, timeoutMs) };
}

test("a batch that was not taken is tried again as it was, before anything newer", async () => {
  const inbox = new TelemetryInbox();
  let failures = 2;
  const { seen, outbox } = outboxOf(inbox, async () => {
    failures -= 1;
    if (failures >= 0) throw new Error("backend is down");
  });
  inbox.put({ records: lines(0, 2) });
  await outbox.flush(forever());
  inbox.put({ records: lines(2, 3) });
  await outbox.flush(forever());
  assert.not.ok(outbox.isEmpty);
  await outbox.flush(forever());
  assert.equal(seen, ["1.1 0,1 -0", "1.2 0,1 -0", "1.3 0,1 -0", "2.1 2 -0"]);
  assert.ok(outbox.isEmpty);
});

test("a backend that failed is left alone until it has taken something", async () => {
  const inbox = new TelemetryInbox();
  let isDown = true;
  const { outbox } = outboxOf(inbox, async () => {
    if (isDown) throw new Error("backend is down");
  });
  assert.not.ok(outbox.rests);
  inbox.put({ records: lines(0, 1) });
  await outbox.flush(forever());
  assert.ok(outbox.rests);
  isDown = false;
  await outbox.flush(forever());
  assert.ok(outbox.isEmpty, "a flush that was asked for is not refused");
  assert.not.ok(outbox.rests);
});

test("two flushes at once pass each record on once", async () => {
  const inbox = new TelemetryInbox();
  const { seen, outbox } = outboxOf(inbox, () => pause(5));
  inbox.put({ records: lines(0, 2) });
  await Promise.all([outbox.flush(forever()), outbox.flush(forever())]);
  assert.equal(seen, ["1.1 0,1 -0"]);
});

test("a backend that never answers costs one attempt's time, whatever it does with the signal", async () => {
  const inbox = new TelemetryInbox();
  const { seen, outbox } = outboxOf(inbox, () => new Promise(() => {}), 20);
  inbox.put({ records: lines(0, 1) });
  await outbox.flush(forever());
  await outbox.flush(AbortSignal.abort());
  assert.equal(seen, ["1.1 0 -0"]);
});

test("records are sorted by invocation, also when the report comes with the next one", () => {
  const ledger = new InvocationLedger();
  const record = (type: string, fields: object | string): TelemetryRecord => {
    const made = telemetryRecordOf({ time: "t", type, record: fields });
    if (made === undefined) throw new Error(type);
    return made;
  };
  const complete = [
    record("platform.start", { requestId: "1" }),
    record("function", "one\n"),
    record("platform.runtimeDone", { requestId: "1", status: "success" }),
    record("platform.start", { requestId: "2" }),
    record("platform.report", { requestId: "1", metrics: { durationMs: 1 } }),
    record("function", { requestId: "2", message: "two" }),
    record("function", "three\n"),
    record("platform.runtimeDone", { requestId: "2", status: "timeout" }),
    record("platform.report", { requestId: "2", metrics: { durationMs: 2 } }),
    record("platform.start", { requestId: "3" }),
  ].flatMap((one) => ledger.add(one) ?? []);
  assert.equal(
    complete.map(({ requestId, runtimeDone, report, lines: own }) => [
      requestId,
      runtimeDone?.record.status,
      report?.record.metrics.durationMs,
      texts(own),
    ]),
    [
      ["1", "success", 1, ["one\n"]],
      ["2", "timeout", 2, [{ requestId: "2", message: "two" }, "three\n"]],
    ],
  );
  assert.equal(
    ledger.rest().map(({ requestId }) => requestId),
    ["3"],
  );
  assert.equal(ledger.rest(), []);
});

test("of an invocation that writes without end the first lines are kept, and the others counted", () => {
  const ledger = new InvocationLedger();
  for (const record of [line("0"), ...lines(0, 10_003)]) {
    if (record.type !== "function") continue;
    ledger.add({ ...record, record: { requestId: "1", message: record.record } });
  }
  const [invocation] = ledger.rest();
  assert.equal([invocation?.lines.length, invocation?.linesLost], [10_000, 4]);
});

test("types of tomorrow are passed on as they came, and what is no event is left out", () => {
  assert.equal(telemetryRecordOf({ time: "t", type: "platform.future", record: { x: 1 } }), {
    time: "t",
    type: "unknown",
    received: { time: "t", type: "platform.future", record: { x: 1 } },
  });
  assert.is(telemetryRecordOf({ type: "toString", record: 1 })?.type, "unknown");
  for (const odd of [null, 1, "x", [], {}, { type: 3 }]) assert.is(telemetryRecordOf(odd), undefined);
});

test("a subscription says what its API takes", () => {
  assert.equal(subscriptionBody({ types: ["platform"] }, 4243), {
    schemaVersion: "2025-01-29",
    types: ["platform"],
    buffering: { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 100 },
    destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:4243/telemetry" },
  });
  assert.equal(Reflect.get(subscriptionBody({ types: ["function"], protocol: "TCP", api: "Logs" }, 1), "destination"), {
    protocol: "TCP",
    port: 1,
  });
});

for (const [options, problem] of [
  [{ types: [] }, /Subscribe to/],
  [
    { types: ["function"], buffering: { timeoutMs: 24 } },
    /"buffering.timeoutMs" is a whole number from 25 to 30000, not 24/,
  ],
  [{ types: ["function"], buffering: { maxItems: 1.5 } }, /from 1000 to 10000, not 1.5/],
  [{ types: ["function"], schemaVersion: "2021-03-18" }, /Telemetry API has no schema "2021-03-18"/],
] as const) {
  test(`a wrong subscription is told before it is sent: ${problem.source}`, () =>
    assert.throws(() => subscriptionBody(options, 1), problem));
}

test.run();
