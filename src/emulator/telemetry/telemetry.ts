import { connect } from "node:net";
import type { Environment, Instant } from "../../core/environment/model.ts";
import type { Amount, DeliverySettings, Totals } from "../../core/telemetry/delivery-model.ts";
import {
  categoryOf,
  eventsOf,
  type Happening,
  lossEvent,
  type SubscriptionState,
  type Undated,
} from "../../core/telemetry/event.ts";
import { listens, type Subscribing } from "../../core/telemetry/subscribing.ts";
import { limits } from "../../protocol/limits.ts";
import type { Subscription, TelemetryApi, TelemetryEvent } from "../../protocol/telemetry.ts";
import { type Dial, senderTo } from "./batch-sender.ts";
import { Kept } from "./kept.ts";
import { Past } from "./past.ts";
import { Subscriber } from "./subscriber.ts";

export interface TelemetryWorld {
  now(): Instant;
  /** The date of now, with milliseconds and `Z`. */
  date(): string;
  /** Reaches a port inside the environment. The loopback address of this machine, where there is no other network. */
  readonly dial?: Dial;
  /** Whoever is told of losses besides the subscriber. */
  lost(name: string, event: TelemetryEvent): void;
}

/** Nothing says how often Lambda tries, how long it waits, or how much it holds. docs/TELEMETRY.md */
const policy = {
  attemptsMax: 5,
  backoffMs: 100,
  answerTimeoutMs: 5_000,
  flushTimeoutMs: limits.telemetryTimeoutMsMin,
  batchesHeldMax: 8,
};

interface Held {
  readonly extension: Subscribing;
  readonly subscription: Subscription;
  readonly subscriber: Subscriber;
}

/** A subscription whose extension a reset has ended: it lives on for the next extension of that name. */
interface Orphan {
  readonly name: string;
  readonly api: TelemetryApi;
  readonly kept: Kept;
}

/** The telemetry of one environment: tells everything that happens to the extensions that have subscribed to it. */
export class Telemetry {
  readonly #world: TelemetryWorld;
  readonly #held: Held[] = [];
  #orphans: readonly Orphan[] = [];
  /** What has happened in this Init, for those who subscribe later in it. */
  readonly #past = new Past();

  constructor(world: TelemetryWorld) {
    this.#world = world;
  }

  /**
   * Grants a subscription. An extension has one to each API; a second changes nothing. DG/runtimes-logs-api.html (2023).
   * It outlives a reset: its name has it already, and hears first what nobody was there to hear. Seen in real deliveries.
   */
  subscribe(extension: Subscribing, subscription: Subscription): Happening & { type: "subscription" } {
    const known = this.#of(extension, subscription.api) !== undefined;
    const orphan = this.#orphans.find(({ name, api }) => name === extension.name && api === subscription.api);
    const state: SubscriptionState = known || orphan !== undefined ? "Already subscribed" : "Subscribed";
    const happening = { type: "subscription", name: extension.name, state, subscription } as const;
    if (!known) this.#open(extension, subscription, orphan?.kept ?? this.#past);
    this.#orphans = this.#orphans.filter((each) => each !== orphan);
    const dated = { time: this.#world.date(), happening };
    for (const { subscription: own, subscriber } of this.#held) offer(subscriber, own, dated);
    for (const { kept } of this.#orphans) kept.add(dated);
    return happening;
  }

  /** Tells every subscriber of what happened, in its own words. */
  tell(happening: Happening): void {
    const dated = { time: this.#world.date(), happening };
    if (nobodyLeft(happening)) for (const held of [...this.#held]) this.#orphan(held);
    this.#past.add(dated);
    for (const { kept } of this.#orphans) kept.add(dated);
    const rendered = new Map<string, readonly string[]>();
    for (const { subscription, subscriber } of this.#held) {
      if (!subscription.types.includes(categoryOf(happening))) continue;
      const dialect = `${subscription.api} ${subscription.schemaVersion}`;
      const texts = rendered.get(dialect) ?? textsOf(dated, subscription);
      rendered.set(dialect, texts);
      for (const text of texts) subscriber.offer(text);
    }
  }

  freeze(): void {
    for (const { subscriber } of this.#held) subscriber.freeze();
  }

  thaw(): void {
    for (const { subscriber } of this.#held) subscriber.thaw();
  }

  /** Looks at the environment after each step: whether subscriptions are still taken, and who is still there to listen. */
  follow(environment: Environment): void {
    if (environment.phase.at !== "init") this.#past.end();
    if (!resets(environment)) this.#orphans = [];
    for (const held of [...this.#held]) {
      if (!listens(environment, held.extension)) this.#orphan(held);
      else if (environment.phase.at === "shutdown") held.subscriber.flush();
    }
  }

  /** What has been offered to a subscriber, and what became of it; undefined when there is no such subscriber. */
  totals(name: string, api: TelemetryApi = "Telemetry"): Totals | undefined {
    return this.#held.find((held) => held.extension.name === name && held.subscription.api === api)?.subscriber.totals;
  }

  close(): void {
    for (const held of [...this.#held]) this.#drop(held);
  }

  #of({ identifier }: Subscribing, api: TelemetryApi): Held | undefined {
    return this.#held.find((held) => held.extension.identifier === identifier && held.subscription.api === api);
  }

  /** Opens it with what has happened so far. */
  #open(extension: Subscribing, subscription: Subscription, earlier: Pick<Kept, "happenings" | "missed">): void {
    const settings: DeliverySettings = { ...subscription.buffering, ...policy };
    const sender = senderTo(subscription.destination, this.#world.dial ?? dialLoopback);
    const world = {
      now: () => this.#world.now(),
      lossEvent: (lost: Amount) => this.#lost(extension, subscription, lost),
    };
    const subscriber = new Subscriber(settings, sender, world, earlier.missed(subscription.types));
    this.#held.push({ extension, subscription, subscriber });
    for (const dated of earlier.happenings) offer(subscriber, subscription, dated);
  }

  #lost({ name }: Subscribing, { types }: Subscription, lost: Amount): string | undefined {
    const event = { time: this.#world.date(), ...lossEvent(lost) };
    this.#world.lost(name, event);
    return types.includes("platform") ? JSON.stringify(event) : undefined;
  }

  #orphan(held: Held): void {
    const { extension, subscription } = held;
    this.#drop(held);
    this.#orphans = [...this.#orphans, { name: extension.name, api: subscription.api, kept: new Kept() }];
  }

  #drop(held: Held): void {
    held.subscriber.close();
    this.#held.splice(this.#held.indexOf(held), 1);
  }
}

/** Something that happened, and when. */
export interface Dated {
  readonly time: string;
  readonly happening: Happening;
}

function offer(subscriber: Subscriber, subscription: Subscription, dated: Dated): void {
  if (!subscription.types.includes(categoryOf(dated.happening))) return;
  for (const text of textsOf(dated, subscription)) subscriber.offer(text);
}

function textsOf({ time, happening }: Dated, subscription: Subscription): readonly string[] {
  return eventsOf(happening, subscription).map((event: Undated) => JSON.stringify({ time, ...event }));
}

/** The failure of an invocation is reported when the reset has ended every process; Managed Instances end none for it. */
function nobodyLeft(happening: Happening): boolean {
  if (happening.type !== "record" || happening.record.type !== "platform.report") return false;
  return happening.record.status !== "success" && happening.facts.initializationType !== "lambda-managed-instances";
}

/** From the end of one life of the processes to the end of the Init after it; who has not asked again by then is forgotten. */
function resets({ phase }: Environment): boolean {
  return phase.at === "shutdown" ? phase.next === "reset" : phase.at === "cold" || phase.at === "init";
}

function dialLoopback(port: number) {
  return connect({ port, host: "127.0.0.1", noDelay: true });
}
