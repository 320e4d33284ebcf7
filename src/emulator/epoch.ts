import type { Instant } from "../core/environment/model.ts";
import type { Clock } from "../platform/clock.ts";

/** Dates of instants: the same date for everybody who is told of the same instant, whatever the clocks do in between. */
export class Epoch {
  readonly #clock: Clock;
  #last: { readonly at: Instant; readonly ms: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Epoch milliseconds. Only one instant is told of at a time: the deadline of the phase. */
  ms(at: Instant): number {
    if (this.#last?.at !== at) {
      this.#last = { at, ms: Math.round(this.#clock.epochMs() + (at - this.#clock.now())) };
    }
    return this.#last.ms;
  }
}
