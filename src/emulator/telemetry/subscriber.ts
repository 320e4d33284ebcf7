import type { Instant } from "../../core/environment/model.ts";
import { stepDelivery } from "../../core/telemetry/delivery.ts";
import {
  type Amount,
  type Delivery,
  type DeliveryAlarm,
  type DeliveryEffect,
  type DeliveryInput,
  type DeliverySettings,
  newDelivery,
  type Totals,
} from "../../core/telemetry/delivery-model.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { Alarms } from "../alarms.ts";
import type { BatchSender } from "./batch-sender.ts";

export interface SubscriberWorld {
  now(): Instant;
  /** What tells the subscriber of a loss, or undefined where it did not subscribe to such events. */
  lossEvent(lost: Amount): string | undefined;
}

/** One subscriber to telemetry: the decisions of its delivery, carried out with a connection and a clock. */
export class Subscriber {
  readonly #world: SubscriberWorld;
  readonly #sender: BatchSender;
  readonly #texts = new Map<number, string>();
  readonly #alarms: Alarms<DeliveryAlarm>;
  readonly #inbox: (readonly [DeliveryInput, string])[] = [];
  #delivery: Delivery;
  #attempt: AbortController | undefined;
  #running = false;

  /** `lost`: what could not be kept for it before it was there. */
  constructor(settings: DeliverySettings, sender: BatchSender, world: SubscriberWorld, lost?: Amount) {
    this.#world = world;
    this.#sender = sender;
    this.#alarms = new Alarms(
      () => world.now(),
      (alarm) => this.#take({ type: "alarm", alarm }),
    );
    this.#delivery = newDelivery(settings, lost);
  }

  get totals(): Totals {
    return this.#delivery.totals;
  }

  offer(event: string): void {
    this.#take({ type: "event", bytes: Buffer.byteLength(event) }, event);
  }

  freeze(): void {
    this.#take({ type: "freeze" });
  }

  thaw(): void {
    this.#take({ type: "thaw" });
  }

  /** Holds nothing back from now on. */
  flush(): void {
    this.#take({ type: "flush" });
  }

  close(): void {
    this.#take({ type: "close" });
    this.#sender.close();
  }

  #take(input: DeliveryInput, text = ""): void {
    this.#inbox.push([input, text]);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#step(...next);
    this.#running = false;
  }

  #step(input: DeliveryInput, text: string): void {
    const [delivery, effects] = stepDelivery(this.#delivery, input, this.#world.now());
    this.#delivery = delivery;
    for (const effect of effects) this.#perform(effect, text);
  }

  #perform(effect: DeliveryEffect, text: string): void {
    switch (effect.type) {
      case "keep":
        this.#texts.set(effect.number, text);
        return;
      case "forget":
        for (let number = effect.from; number < effect.from + effect.count; number++) this.#texts.delete(number);
        return;
      case "send":
        void this.#send(effect.from, effect.count);
        return;
      case "abandon":
        return this.#attempt?.abort();
      case "set-alarm":
        return this.#alarms.set(effect.alarm, effect.at);
      case "clear-alarm":
        return this.#alarms.clear(effect.alarm);
      case "report-loss":
        return this.#reportLoss(effect.lost);
      default:
        return unreachable(effect);
    }
  }

  async #send(from: number, count: number): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const events = Array.from({ length: count }, (_, index) => this.#texts.get(from + index) ?? "");
    const taken = await this.#sender.send(events, attempt.signal);
    if (!attempt.signal.aborted) this.#take({ type: taken ? "delivered" : "failed" });
  }

  #reportLoss(lost: Amount): void {
    const event = this.#world.lossEvent(lost);
    if (event !== undefined) this.#take({ type: "notice", bytes: Buffer.byteLength(event), lost }, event);
  }
}
