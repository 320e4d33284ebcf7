import type { Instant } from "../core/environment/model.ts";

/** What `setTimeout` can wait for at most; for more it would wait a millisecond. */
const waitMsMax = 2 ** 31 - 1;

/** Named, replaceable alarms on a monotonic clock. */
export class Alarms<Name extends string | number> {
  readonly #now: () => Instant;
  readonly #ring: (name: Name) => void;
  readonly #keepsProcess: boolean;
  readonly #timers = new Map<Name, NodeJS.Timeout>();

  /** Unless told not to, an alarm that is set keeps this process from ending when it has nothing else to do. */
  constructor(now: () => Instant, ring: (name: Name) => void, { keepsProcess = true } = {}) {
    this.#now = now;
    this.#ring = ring;
    this.#keepsProcess = keepsProcess;
  }

  /** A timer may fire a little early on the monotonic clock, so it is set again for what is missing. */
  set(name: Name, at: Instant): void {
    this.clear(name);
    const fire = () => {
      if (this.#now() < at) return this.set(name, at);
      this.#timers.delete(name);
      this.#ring(name);
    };
    const waitMs = Math.min(waitMsMax, Math.max(0, Math.ceil(at - this.#now())));
    const timer = setTimeout(fire, waitMs);
    this.#timers.set(name, this.#keepsProcess ? timer : timer.unref());
  }

  clear(name: Name): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
