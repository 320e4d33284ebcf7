/**
 * Delivery of telemetry to one subscriber, as a pure function: what is collected into a batch, when a batch goes out, when
 * it is tried again or given up, and what is dropped so that memory stays bounded. One batch is under way at a time, so
 * events arrive in their order.
 */
import { unreachable } from "../../protocol/unreachable.ts";
import type { Instant } from "../environment/model.ts";
import {
  type Amount,
  type Batch,
  type Delivery,
  type DeliveryAlarm,
  type DeliveryEffect,
  type DeliveryInput,
  type DeliveryStepped,
  heldAmount,
  heldBatches,
  nothing,
} from "./delivery-model.ts";

/** The next state, and what the world has to do, in order. */
export function stepDelivery(delivery: Delivery, input: DeliveryInput, at: Instant): DeliveryStepped {
  if (delivery.mode === "closed") return [delivery, []];
  const reacted = react(delivery, input, at);
  return then(reacted, (next) => settle(next, at));
}

function react(delivery: Delivery, input: DeliveryInput, at: Instant): DeliveryStepped {
  switch (input.type) {
    case "event":
      return offer(delivery, input.bytes, at);
    case "notice":
      return collect(delivery, input.bytes, input.lost, at);
    case "alarm":
      return ring(delivery, input.alarm, at);
    case "delivered":
      return arrived(delivery);
    case "failed":
      return failed(delivery, at);
    case "freeze":
      return freeze(delivery);
    case "thaw":
      return thaw(delivery, at);
    case "flush":
      return delivery.mode === "flushing" ? [delivery, []] : then(thaw(delivery, at), flush);
    case "close":
      return close(delivery);
    default:
      return unreachable(input);
  }
}

/** Starts the next attempt, if there is something to send and somebody to listen. */
function settle(delivery: Delivery, at: Instant): DeliveryStepped {
  const { mode, sending, settings } = delivery;
  if (mode === "frozen" || mode === "closed") return [delivery, []];
  if (sending.at === "under-way") return [delivery, []];
  if (sending.at === "backing-off" && sending.dueAt > at) return [delivery, []];
  const again = sending.at === "backing-off";
  const [batch, ...queue] = again ? [sending.batch, ...delivery.queue] : delivery.queue;
  if (batch === undefined) return [delivery, []];
  const attempt = again ? sending.attempt + 1 : 1;
  return [
    { ...delivery, queue, sending: { at: "under-way", batch, attempt } },
    [
      { type: "send", from: batch.from, count: batch.count },
      { type: "set-alarm", alarm: "answer", at: at + settings.answerTimeoutMs },
    ],
  ];
}

/** A new event, unless there is no room for it. One that is too large for any room is taken when there is nothing else. */
function offer(delivery: Delivery, bytes: number, at: Instant): DeliveryStepped {
  const offered = withTotals(delivery, { offered: 1 });
  const { settings } = delivery;
  const held = heldAmount(delivery);
  const fits =
    held.records === 0 ||
    (held.records < settings.maxItems * settings.batchesHeldMax &&
      held.bytes + bytes <= settings.maxBytes * settings.batchesHeldMax);
  if (!fits) return [lose(withTotals(offered, { dropped: 1 }), { records: 1, bytes }), []];
  return then(collect(offered, bytes, undefined, at), tellLoss);
}

/** Adds one event to what is collected, which goes out when it is large enough. A notice tells of something lost. */
function collect(delivery: Delivery, bytes: number, lost: Amount | undefined, at: Instant): DeliveryStepped {
  const { maxItems, maxBytes, timeoutMs, flushTimeoutMs } = delivery.settings;
  const crowded = delivery.open !== undefined && delivery.open.bytes + bytes > maxBytes;
  const [roomy, effects] = crowded ? closeOpen(delivery) : ([delivery, []] as const);
  const { open, next, mode } = roomy;
  const grown = {
    from: open?.from ?? next,
    count: (open?.count ?? 0) + 1,
    bytes: (open?.bytes ?? 0) + bytes,
    notices: add(open?.notices, lost && { records: 1, bytes }),
    told: add(open?.told, lost),
    dueAt: open?.dueAt ?? at + (mode === "flushing" ? Math.min(timeoutMs, flushTimeoutMs) : timeoutMs),
  };
  const kept: DeliveryEffect = { type: "keep", number: next };
  const due: DeliveryEffect = { type: "set-alarm", alarm: "flush", at: grown.dueAt };
  const timed = open === undefined && mode !== "frozen" ? [due] : [];
  const collected: DeliveryStepped = [{ ...roomy, open: grown, next: next + 1 }, [...effects, kept, ...timed]];
  return grown.count >= maxItems || grown.bytes >= maxBytes ? then(collected, closeOpen) : collected;
}

/** Nothing more is added to what is collected. */
function closeOpen(delivery: Delivery): DeliveryStepped {
  const { open, ...rest } = delivery;
  if (open === undefined) return [delivery, []];
  const { dueAt: _, ...batch } = open;
  return [{ ...rest, queue: [...delivery.queue, batch] }, [clear("flush")]];
}

function ring(delivery: Delivery, alarm: DeliveryAlarm, at: Instant): DeliveryStepped {
  switch (alarm) {
    case "flush":
      return delivery.mode === "frozen" ? [delivery, []] : closeOpen(delivery);
    case "retry":
      return [delivery, []];
    case "answer":
      if (delivery.sending.at !== "under-way" || delivery.mode === "frozen") return [delivery, []];
      return then([delivery, [{ type: "abandon" }]], (next) => failed(next, at));
    default:
      return unreachable(alarm);
  }
}

function arrived(delivery: Delivery): DeliveryStepped {
  const { sending } = delivery;
  if (sending.at !== "under-way") return [delivery, []];
  const { batch } = sending;
  const done = withTotals(
    { ...delivery, sending: { at: "nothing" } },
    { delivered: batch.count - batch.notices.records },
  );
  return then([done, [clear("answer"), forget(batch)]], tellLoss);
}

/** Tried again a few times, then given up. Whether that is told of depends on somebody being there to hear it. */
function failed(delivery: Delivery, at: Instant): DeliveryStepped {
  const { sending, settings } = delivery;
  if (sending.at !== "under-way") return [delivery, []];
  const { batch, attempt } = sending;
  if (attempt >= settings.attemptsMax) {
    const given = giveUp({ ...delivery, sending: { at: "nothing" } }, batch);
    return [given, [clear("answer"), forget(batch)]];
  }
  const dueAt = at + settings.backoffMs * 2 ** (attempt - 1);
  const retry: readonly DeliveryEffect[] =
    delivery.mode === "frozen" ? [] : [{ type: "set-alarm", alarm: "retry", at: dueAt }];
  return [{ ...delivery, sending: { at: "backing-off", batch, attempt, dueAt } }, [clear("answer"), ...retry]];
}

/** A notice that did not arrive is no lost record, but what it told of has still to be told. */
function giveUp(delivery: Delivery, { count, bytes, notices, told }: Batch): Delivery {
  const dropped = { records: count - notices.records, bytes: bytes - notices.bytes };
  return lose(withTotals(delivery, { dropped: dropped.records }), add(dropped, told));
}

/** Time stands still for the subscriber: nothing is sent, and no time runs out. */
function freeze(delivery: Delivery): DeliveryStepped {
  return [{ ...delivery, mode: "frozen" }, [clear("flush"), clear("retry"), clear("answer")]];
}

/** What fell due in the meantime is due now; an attempt that was under way gets its time anew. */
function thaw(delivery: Delivery, at: Instant): DeliveryStepped {
  if (delivery.mode !== "frozen") return [delivery, []];
  const { open, sending, settings } = delivery;
  const effects: DeliveryEffect[] = [];
  if (open !== undefined) effects.push({ type: "set-alarm", alarm: "flush", at: open.dueAt });
  if (sending.at === "under-way")
    effects.push({ type: "set-alarm", alarm: "answer", at: at + settings.answerTimeoutMs });
  if (sending.at === "backing-off") effects.push({ type: "set-alarm", alarm: "retry", at: sending.dueAt });
  return [{ ...delivery, mode: "collecting" }, effects];
}

/** Goes on collecting, though not for long: whoever logs about what it hears would be sent each line by itself. */
function flush(delivery: Delivery): DeliveryStepped {
  return then(closeOpen(delivery), (next) => [{ ...next, mode: "flushing" }, []]);
}

/** Whatever is held is dropped, and nobody is left to be told. */
function close(delivery: Delivery): DeliveryStepped {
  const { open: _, sending, ...rest } = delivery;
  const batches = heldBatches(delivery);
  const closed: Delivery = { ...rest, mode: "closed", queue: [], sending: { at: "nothing" } };
  return [
    batches.reduce(giveUp, closed),
    [
      ...(sending.at === "under-way" ? [{ type: "abandon" } as const] : []),
      clear("flush"),
      clear("retry"),
      clear("answer"),
      ...batches.map(forget),
    ],
  ];
}

function tellLoss(delivery: Delivery): DeliveryStepped {
  if (delivery.lost.records === 0) return [delivery, []];
  return [{ ...delivery, lost: nothing }, [{ type: "report-loss", lost: delivery.lost }]];
}

function lose(delivery: Delivery, lost: Amount): Delivery {
  return { ...delivery, lost: add(delivery.lost, lost) };
}

function add(a: Amount = nothing, b: Amount = nothing): Amount {
  return { records: a.records + b.records, bytes: a.bytes + b.bytes };
}

function withTotals(delivery: Delivery, more: Partial<Delivery["totals"]>): Delivery {
  const { offered, delivered, dropped } = delivery.totals;
  const totals = {
    offered: offered + (more.offered ?? 0),
    delivered: delivered + (more.delivered ?? 0),
    dropped: dropped + (more.dropped ?? 0),
  };
  return { ...delivery, totals };
}

function forget({ from, count }: Batch): DeliveryEffect {
  return { type: "forget", from, count };
}

function clear(alarm: DeliveryAlarm): DeliveryEffect {
  return { type: "clear-alarm", alarm };
}

/** Goes on from `first` and keeps the effects of both in order. */
function then(first: DeliveryStepped, next: (delivery: Delivery) => DeliveryStepped): DeliveryStepped {
  const [delivery, effects] = next(first[0]);
  return [delivery, [...first[1], ...effects]];
}
