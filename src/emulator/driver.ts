import type { Effect } from "../core/environment/effect.ts";
import type { Input } from "../core/environment/input.ts";
import { checkInvariants } from "../core/environment/invariants.ts";
import {
  type AlarmName,
  type Environment,
  type Instant,
  newEnvironment,
  type Settings,
} from "../core/environment/model.ts";
import { step } from "../core/environment/step.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { Alarms } from "./alarms.ts";
import type { JournalEntry } from "./journal.ts";

/** What the driver needs of its surroundings. Alarms are the driver's own. */
export interface World {
  now(): Instant;
  perform(effect: Exclude<Effect, { type: "set-alarm" | "clear-alarm" }>): void;
  /** After each input, when all of its effects have been performed. */
  settled(entry: JournalEntry, effects: readonly Effect[], environment: Environment): void;
}

/** How much of the past is kept: a test's worth. Who wants all of it listens to `settled`. */
const journalEntriesMax = 10_000;

/** Owns an environment's state, its inbox and its journal. Each input runs to completion; nothing re-enters. */
export class Driver {
  readonly #journal: JournalEntry[] = [];
  readonly #world: World;
  readonly #inbox: Input[] = [];
  readonly #alarms: Alarms<AlarmName>;
  #environment: Environment;
  #running = false;

  constructor(settings: Settings, world: World) {
    this.#environment = newEnvironment(settings);
    this.#world = world;
    this.#alarms = new Alarms(
      () => world.now(),
      (alarm) => this.accept({ type: "alarm", alarm }),
    );
  }

  get environment(): Environment {
    return this.#environment;
  }

  /** The last 10,000 inputs, oldest first. */
  get journal(): readonly JournalEntry[] {
    return this.#journal.slice(-journalEntriesMax);
  }

  accept(input: Input): void {
    this.#inbox.push(input);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#take(next);
    } finally {
      this.#running = false;
    }
  }

  #take(input: Input): void {
    const at = this.#world.now();
    const entry = { at, input };
    this.#note(entry);
    const [environment, effects] = step(this.#environment, input, at);
    checkInvariants(environment);
    this.#environment = environment;
    for (const effect of effects) this.#perform(effect);
    this.#world.settled(entry, effects, environment);
  }

  /** Forgets in large pieces, so that each entry costs the same. */
  #note(entry: JournalEntry): void {
    if (this.#journal.length >= 2 * journalEntriesMax) this.#journal.splice(0, journalEntriesMax);
    this.#journal.push(entry);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "set-alarm":
        return this.#alarms.set(effect.alarm, effect.at);
      case "clear-alarm":
        return this.#alarms.clear(effect.alarm);
      case "start-process":
      case "signal-process":
      case "share-processors":
      case "freeze":
      case "thaw":
      case "answer-call":
      case "refuse-call":
      case "begin-stream":
      case "complete-invocation":
      case "record":
        return this.#world.perform(effect);
      default:
        return unreachable(effect);
    }
  }
}
