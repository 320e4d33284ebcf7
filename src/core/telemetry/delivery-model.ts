/**
 * The nouns of delivering telemetry to one subscriber. Events are numbered in the order of their acceptance and named by
 * their numbers; their texts stay with the world.
 */
import type { Buffering } from "../../protocol/telemetry.ts";
import type { Instant } from "../environment/model.ts";

/** What does not change while a subscription lives. */
export interface DeliverySettings extends Buffering {
  /** How many times a batch is sent before it is given up. */
  readonly attemptsMax: number;
  /** Before the second attempt; each later one waits twice as long as the one before it. */
  readonly backoffMs: number;
  /** How long an attempt may take. */
  readonly answerTimeoutMs: number;
  /** How long events are collected at most while the environment shuts down. */
  readonly flushTimeoutMs: number;
  /** How many batches' worth of events are held in all. */
  readonly batchesHeldMax: number;
}

export interface Delivery {
  readonly settings: DeliverySettings;
  /** `frozen`: nobody is there to listen. `flushing`: there is little time, so little is collected. */
  readonly mode: "collecting" | "frozen" | "flushing" | "closed";
  /** The number of the next event that is accepted. */
  readonly next: number;
  /** What is being collected, and until when. */
  readonly open?: Batch & { readonly dueAt: Instant };
  /** Collected and not begun, oldest first. */
  readonly queue: readonly Batch[];
  readonly sending: Sending;
  /** Given up, and not told of yet. */
  readonly lost: Amount;
  readonly totals: Totals;
}

/** Consecutive events. */
export interface Batch {
  readonly from: number;
  readonly count: number;
  readonly bytes: number;
  /** Those of them that are notices of lost events. */
  readonly notices: Amount;
  /** What those notices tell of: lost once more if they do not arrive. */
  readonly told: Amount;
}

export interface Amount {
  readonly records: number;
  readonly bytes: number;
}

export const nothing: Amount = { records: 0, bytes: 0 };

export type Sending =
  | { readonly at: "nothing" }
  /** `attempt` counts from 1. */
  | { readonly at: "under-way"; readonly batch: Batch; readonly attempt: number }
  /** An attempt has failed, and the next one is not due. */
  | { readonly at: "backing-off"; readonly batch: Batch; readonly attempt: number; readonly dueAt: Instant };

/** Records since the beginning, notices aside: each one offered is delivered, dropped, or still held. */
export interface Totals {
  readonly offered: number;
  readonly delivered: number;
  readonly dropped: number;
}

export type DeliveryAlarm = "flush" | "retry" | "answer";

export type DeliveryInput =
  | { readonly type: "event"; readonly bytes: number }
  /** The event that tells of lost ones, as `report-loss` asked for it. */
  | { readonly type: "notice"; readonly bytes: number; readonly lost: Amount }
  | { readonly type: "alarm"; readonly alarm: DeliveryAlarm }
  /** The attempt under way has succeeded, or failed. */
  | { readonly type: "delivered" }
  | { readonly type: "failed" }
  | { readonly type: "freeze" }
  | { readonly type: "thaw" }
  /** The environment shuts down: what is held goes out now, and what comes soon after it. */
  | { readonly type: "flush" }
  /** The subscriber is gone. */
  | { readonly type: "close" };

export type DeliveryEffect =
  /** The event just offered is kept under this number. */
  | { readonly type: "keep"; readonly number: number }
  | { readonly type: "forget"; readonly from: number; readonly count: number }
  /** Begin an attempt; `delivered` or `failed` follows. */
  | { readonly type: "send"; readonly from: number; readonly count: number }
  /** End the attempt under way; nothing follows. */
  | { readonly type: "abandon" }
  | { readonly type: "set-alarm"; readonly alarm: DeliveryAlarm; readonly at: Instant }
  | { readonly type: "clear-alarm"; readonly alarm: DeliveryAlarm }
  /** Make an event of this loss and hand it in as a notice. */
  | { readonly type: "report-loss"; readonly lost: Amount };

export type DeliveryStepped = readonly [Delivery, readonly DeliveryEffect[]];

/** A delivery that holds nothing. `lost`: what could not be kept for it before it began. */
export function newDelivery(settings: DeliverySettings, lost: Amount = nothing): Delivery {
  const totals = { offered: lost.records, delivered: 0, dropped: lost.records };
  return { settings, mode: "collecting", next: 0, queue: [], sending: { at: "nothing" }, lost, totals };
}

/** Whatever has not been delivered yet, oldest first. */
export function heldBatches({ sending, queue, open }: Delivery): readonly Batch[] {
  return [...(sending.at === "nothing" ? [] : [sending.batch]), ...queue, ...(open === undefined ? [] : [open])];
}

/** How much that is, notices and all. */
export function heldAmount(delivery: Delivery): Amount {
  return heldBatches(delivery).reduce(
    (sum, { count, bytes }) => ({ records: sum.records + count, bytes: sum.bytes + bytes }),
    nothing,
  );
}
