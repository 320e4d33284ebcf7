/** Delivery of telemetry to one subscriber: batches, attempts, losses. 3.2, 3.4 */
import * as assert from "uvu/assert";
import { stepDelivery } from "../../src/core/telemetry/delivery.ts";
import {
  type Delivery,
  type DeliveryEffect,
  type DeliveryInput,
  type DeliverySettings,
  heldAmount,
  heldBatches,
  newDelivery,
} from "../../src/core/telemetry/delivery-model.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("delivery");

const settings: DeliverySettings = {
  maxItems: 3,
  maxBytes: 100,
  timeoutMs: 50,
  attemptsMax: 3,
  backoffMs: 10,
  answerTimeoutMs: 1_000,
  flushTimeoutMs: 5,
  batchesHeldMax: 2,
};

/** A delivery that is played: each input's effects as short strings. */
function delivery(overrides: Partial<DeliverySettings> = {}) {
  let state: Delivery = newDelivery({ ...settings, ...overrides });
  const take = (at: number, input: DeliveryInput) => {
    const [next, effects] = stepDelivery(state, input, at);
    state = next;
    return effects.filter((effect) => effect.type !== "clear-alarm").map(say);
  };
  const through = (at: number, ...inputs: readonly DeliveryInput[]) => {
    for (const input of inputs) take(at, input);
    return self;
  };
  const self = Object.assign(take, { through, state: () => state });
  return self;
}

function say(effect: DeliveryEffect): string {
  switch (effect.type) {
    case "keep":
      return `keep ${effect.number}`;
    case "send":
    case "forget":
      return `${effect.type} ${effect.from}+${effect.count}`;
    case "set-alarm":
      return `${effect.alarm} at ${effect.at}`;
    case "clear-alarm":
      return `no ${effect.alarm}`;
    case "report-loss":
      return `lost ${effect.lost.records} of ${effect.lost.bytes} bytes`;
    case "abandon":
      return effect.type;
  }
}

const event = (bytes = 10): DeliveryInput => ({ type: "event", bytes });
const alarm = (name: "flush" | "retry" | "answer"): DeliveryInput => ({ type: "alarm", alarm: name });
const inputs = {
  delivered: { type: "delivered" },
  failed: { type: "failed" },
  freeze: { type: "freeze" },
  thaw: { type: "thaw" },
  flush: { type: "flush" },
  close: { type: "close" },
} as const;

test("collects until the time is over, counted from the first event", () => {
  const d = delivery();
  assert.equal(d(0, event()), ["keep 0", "flush at 50"]);
  assert.equal(d(30, event()), ["keep 1"]);
  assert.equal(d(50, alarm("flush")), ["send 0+2", "answer at 1050"]);
  assert.equal(d(60, event()), ["keep 2", "flush at 110"]);
  assert.equal(d(61, inputs.delivered), ["forget 0+2"]);
  assert.equal(d(110, alarm("flush")), ["send 2+1", "answer at 1110"]);
});

test("sends when there are enough events", () => {
  const d = delivery().through(0, event(), event());
  assert.equal(d(1, event()), ["keep 2", "send 0+3", "answer at 1001"]);
});

test("sends when there are enough bytes", () => {
  const d = delivery().through(0, event(60));
  assert.equal(d(1, event(40)), ["keep 1", "send 0+2", "answer at 1001"]);
});

test("does not let a batch grow beyond its bytes, but takes an event that is larger than any", () => {
  const d = delivery().through(0, event(60));
  assert.equal(d(1, event(41)), ["keep 1", "flush at 51", "send 0+1", "answer at 1001"]);
  assert.equal(delivery()(0, event(5_000)), ["keep 0", "flush at 50", "send 0+1", "answer at 1000"]);
});

test("has one batch under way at a time, in order", () => {
  const d = delivery({ batchesHeldMax: 9 }).through(0, event(), event(), event(), event(), event(), event(), event());
  assert.equal(d(1, inputs.delivered), ["forget 0+3", "send 3+3", "answer at 1001"]);
  assert.equal(d(2, inputs.delivered), ["forget 3+3"]);
  assert.equal(d(50, alarm("flush")), ["send 6+1", "answer at 1050"]);
});

test("tries again, later each time, then gives up and tells of it with what comes next", () => {
  const d = delivery().through(0, event(20)).through(50, alarm("flush"));
  assert.equal(d(51, inputs.failed), ["retry at 61"]);
  assert.equal(d(60, alarm("retry")), [], "a timer that rings early");
  assert.equal(d(61, alarm("retry")), ["send 0+1", "answer at 1061"]);
  assert.equal(d(62, inputs.failed), ["retry at 82"]);
  assert.equal(d(82, alarm("retry")), ["send 0+1", "answer at 1082"]);
  assert.equal(d(83, inputs.failed), ["forget 0+1"]);
  assert.equal(d(90, event()), ["keep 1", "flush at 140", "lost 1 of 20 bytes"]);
  assert.equal(d(91, { type: "notice", bytes: 7, lost: { records: 1, bytes: 20 } }), ["keep 2"]);
  assert.equal(d.state().totals, { offered: 2, delivered: 0, dropped: 1 });
});

test("goes on with the next batch when one is given up", () => {
  const d = delivery({ attemptsMax: 1 }).through(0, event(), event(), event(), event(), event(), event());
  assert.equal(d(1, inputs.failed), ["forget 0+3", "send 3+3", "answer at 1001"]);
});

test("does not wait for an answer for ever", () => {
  const d = delivery().through(0, event()).through(50, alarm("flush"));
  assert.equal(d(1_050, alarm("answer")), ["abandon", "retry at 1060"]);
  assert.equal(d(1_055, inputs.delivered), [], "of the attempt that was abandoned");
});

test("drops what does not fit, and tells of it as soon as something was taken", () => {
  const d = delivery().through(0, event(), event(), event(), event(), event(), event());
  assert.equal(d(1, event(30)), []);
  assert.equal(d(1, event(30)), []);
  assert.equal(d(2, inputs.delivered), ["forget 0+3", "lost 2 of 60 bytes", "send 3+3", "answer at 1002"]);
  assert.equal(d.state().totals, { offered: 8, delivered: 3, dropped: 2 });
});

test("drops what has too many bytes", () => {
  const d = delivery().through(0, event(90), event(90));
  assert.equal(d(1, event(21)), []);
  assert.equal(d(1, event(20)), ["keep 2", "flush at 51", "lost 1 of 21 bytes"]);
});

test("a notice that does not arrive is told of once more, as what it told of", () => {
  const d = delivery({ attemptsMax: 1 });
  d.through(0, { type: "notice", bytes: 7, lost: { records: 4, bytes: 400 } }, event(30));
  d.through(50, alarm("flush"), inputs.failed);
  assert.equal(d.state().lost, { records: 5, bytes: 430 });
  assert.equal(d.state().totals, { offered: 1, delivered: 0, dropped: 1 });
});

test("sends nothing to whoever is frozen, and what fell due when it is thawed", () => {
  const d = delivery().through(0, event());
  assert.equal(d(10, inputs.freeze), []);
  assert.equal(d(50, alarm("flush")), []);
  assert.equal(d(60, event()), ["keep 1"]);
  assert.equal(d(70, event()), ["keep 2"], "a full batch");
  assert.equal(d(500, inputs.thaw), ["send 0+3", "answer at 1500"]);
  assert.equal(d(500, inputs.thaw), []);
});

test("sends what fell due while frozen", () => {
  const d = delivery().through(0, event()).through(10, event(), inputs.freeze);
  assert.equal(d(500, inputs.thaw), ["flush at 50"]);
  assert.equal(d(500, alarm("flush")), ["send 0+2", "answer at 1500"]);
});

test("sets no alarm for whoever is frozen", () => {
  const d = delivery().through(0, inputs.freeze);
  assert.equal(d(10, event()), ["keep 0"]);
  assert.equal(d(20, inputs.thaw), ["flush at 60"]);
});

test("lets no time run out while frozen", () => {
  const d = delivery().through(0, event()).through(50, alarm("flush"), inputs.freeze);
  assert.equal(d(5_000, alarm("answer")), []);
  assert.equal(d(5_001, inputs.thaw), ["answer at 6001"]);
  assert.equal(d(5_002, inputs.delivered), ["forget 0+1"]);
});

test("tries again after it was frozen", () => {
  const d = delivery().through(0, event()).through(50, alarm("flush"), inputs.freeze);
  assert.equal(d(51, inputs.failed), []);
  assert.equal(d(70, inputs.thaw), ["retry at 61", "send 0+1", "answer at 1070"]);
});

test("sends at once what it has when the environment shuts down, and collects for a shorter time from then on", () => {
  const d = delivery().through(0, event());
  assert.equal(d(10, inputs.flush), ["send 0+1", "answer at 1010"]);
  assert.equal(d(11, event()), ["keep 1", "flush at 16"]);
  assert.equal(d(12, inputs.delivered), ["forget 0+1"]);
  assert.equal(d(13, inputs.flush), []);
  assert.equal(d(14, event()), ["keep 2"]);
  assert.equal(d(16, alarm("flush")), ["send 1+2", "answer at 1016"]);
});

test("does not collect for longer in a shutdown than it was asked to", () => {
  const d = delivery({ timeoutMs: 3 }).through(0, inputs.flush);
  assert.equal(d(1, event()), ["keep 0", "flush at 4"]);
});

test("a shutdown thaws", () => {
  const d = delivery().through(0, event()).through(50, alarm("flush"), inputs.freeze);
  d(51, inputs.failed);
  assert.equal(d(52, inputs.flush), ["retry at 61"]);
  assert.equal(d(61, alarm("retry")), ["send 0+1", "answer at 1061"]);
});

test("drops everything when the subscriber is gone, and hears nothing any more", () => {
  const d = delivery({ batchesHeldMax: 9 }).through(0, event(), event(), event(), event(), event(), event(), event());
  assert.equal(d(1, inputs.close), ["abandon", "forget 0+3", "forget 3+3", "forget 6+1"]);
  assert.equal(d.state().totals, { offered: 7, delivered: 0, dropped: 7 });
  assert.equal(d(2, event()), []);
  assert.equal(heldAmount(d.state()), { records: 0, bytes: 0 });
});

test("knows what was lost before it began", () => {
  const [state, effects] = stepDelivery(newDelivery(settings, { records: 2, bytes: 9 }), event(), 0);
  assert.equal(effects.map(say), ["keep 0", "flush at 50", "lost 2 of 9 bytes"]);
  assert.equal(state.totals, { offered: 3, delivered: 0, dropped: 2 });
});

/** Numerical Recipes' generator: the same seed, the same life. */
function randomness(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("loses no event and doubles none, except those that it counts, in a thousand random lives", () => {
  for (let seed = 1; seed <= 1_000; seed++) live(seed);
});

/** A world that carries out the effects with alarms of its own, a destination that fails as it likes, and pauses. */
function live(seed: number): void {
  const random = randomness(seed);
  let state = newDelivery({ ...settings, attemptsMax: 1 + random(3), batchesHeldMax: 1 + random(3) });
  const kept = new Map<number, string>();
  const alarms = new Map<string, number>();
  const arrived: string[] = [];
  const told = { records: 0 };
  let under: readonly string[] | undefined;
  let at = 0;
  let made = 0;
  const take = (input: DeliveryInput, text = ""): void => {
    const [next, effects] = stepDelivery(state, input, at);
    state = next;
    const losses: DeliveryInput[] = [];
    for (const effect of effects) {
      if (effect.type === "keep") {
        assert.not(kept.has(effect.number));
        kept.set(effect.number, text);
      } else if (effect.type === "forget") {
        for (let n = effect.from; n < effect.from + effect.count; n++) assert.ok(kept.delete(n), "forgotten once");
      } else if (effect.type === "send") {
        assert.is(under, undefined, "one batch at a time");
        assert.not(state.mode === "frozen", "nothing is sent to the frozen");
        under = Array.from({ length: effect.count }, (_, n) => kept.get(effect.from + n) ?? "unknown");
      } else if (effect.type === "abandon") under = undefined;
      else if (effect.type === "set-alarm") alarms.set(effect.alarm, effect.at);
      else if (effect.type === "clear-alarm") alarms.delete(effect.alarm);
      else losses.push({ type: "notice", bytes: 5, lost: effect.lost });
    }
    for (const loss of losses) take(loss, `lost ${loss.type === "notice" ? loss.lost.records : 0}`);
    const { totals } = state;
    const held = heldBatches(state).reduce((sum, { count, notices }) => sum + count - notices.records, 0);
    assert.is(totals.offered, totals.delivered + totals.dropped + held, `balance of seed ${seed}`);
    assert.ok(kept.size <= settings.maxItems * state.settings.batchesHeldMax + 1, "memory is bounded");
  };
  const answer = (input: DeliveryInput) => {
    const batch = under;
    under = undefined;
    if (input.type === "delivered") arrived.push(...(batch ?? []));
    take(input);
  };
  for (let moves = 0; moves < 60; moves++) {
    at += random(20);
    for (const [name, due] of [...alarms])
      if (due <= at && alarms.delete(name)) take(alarm(name === "flush" || name === "retry" ? name : "answer"));
    const move = random(10);
    if (move < 5) {
      take(event(1 + random(60)), `event ${made}`);
      made += 1;
    } else if (move < 8 && under !== undefined) answer(random(3) > 0 ? { type: "delivered" } : { type: "failed" });
    else if (move === 8) take(inputs[state.mode === "frozen" ? "thaw" : "freeze"]);
    else if (move === 9 && random(20) === 0) take(inputs.flush);
  }
  take(inputs.flush);
  for (let rounds = 0; under !== undefined || alarms.size > 0; rounds++) {
    assert.ok(rounds < 1_000, `seed ${seed} comes to rest`);
    if (under !== undefined) answer({ type: "delivered" });
    at = Math.max(at, ...alarms.values());
    for (const [name] of [...alarms])
      if (alarms.delete(name)) take(alarm(name === "answer" || name === "flush" ? name : "retry"));
  }
  const events = arrived.filter((text) => text.startsWith("event"));
  assert.is(new Set(events).size, events.length, "none twice");
  const numbers = events.map((text) => Number(text.slice(6)));
  assert.equal(
    numbers,
    [...numbers].sort((a, b) => a - b),
    "in order",
  );
  for (const text of arrived) if (text.startsWith("lost")) told.records += Number(text.slice(5));
  assert.is(events.length + told.records + state.lost.records, made, `each arrived or was told of: seed ${seed}`);
}

test.run();
