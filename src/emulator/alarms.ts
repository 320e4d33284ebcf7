import type { Instant } from "../core/environment/model.ts";

/** Named, replaceable alarms on a monotonic clock. */
export class Alarms<Name extends string> {
  readonly #now: () => Instant;
  readonly #ring: (name: Name) => void;
  readonly #timers = new Map<Name, NodeJS.Timeout>();

  constructor(now: () => Instant, ring: (name: Name) => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** A timer may fire a little early on the monotonic clock, so it is set again for what is missing. */
  set(name: Name, at: Instant): void {
    this.clear(name);
    const fire = () => {
      if (this.#now() < at) return this.set(name, at);
      this.#timers.delete(name);
      this.#ring(name);
    };
    this.#timers.set(name, setTimeout(fire, Math.max(0, Math.ceil(at - this.#now()))));
  }

  clear(name: Name): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
