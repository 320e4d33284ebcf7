import type { TelemetryInbox } from "./inbox.ts";
import type { TelemetryRecord } from "./record.ts";
import { TimeLimit } from "./time-limit.ts";

/** What is handed to the author's backend at once. */
export interface TelemetryBatch {
  /** Counts from 1. A batch that is tried again keeps its number, so a backend can tell one that it has already. */
  readonly number: number;
  /** Counts from 1. */
  readonly attempt: number;
  readonly records: readonly TelemetryRecord[];
  /** Records that had to go before these, because nobody took them in time. */
  readonly dropped: number;
}

export type Deliver = (batch: TelemetryBatch, signal: AbortSignal) => Promise<unknown>;

/** After a failed attempt the backend is left alone for so long, twice as long after each further one: its silence is billed. */
const restMs = { first: 500, max: 30_000 };

/** Passes on what is in the inbox, one batch at a time, and keeps a batch that failed for the next time. */
export class TelemetryOutbox {
  readonly #inbox: TelemetryInbox;
  readonly #deliver: Deliver;
  readonly #timeoutMs: number;
  #number = 0;
  #failures = 0;
  #restsUntil = 0;
  #pending: TelemetryBatch | undefined;
  #running: Promise<void> | undefined;

  /** One attempt has `timeoutMs`, also when the author's code does not listen to its signal. */
  constructor(inbox: TelemetryInbox, deliver: Deliver, timeoutMs: number) {
    this.#inbox = inbox;
    this.#deliver = deliver;
    this.#timeoutMs = timeoutMs;
  }

  get isEmpty(): boolean {
    return this.#pending === undefined && this.#inbox.size === 0;
  }

  /** Whether an attempt has failed so lately that the next one should wait, unless it would be the last chance. */
  get rests(): boolean {
    return performance.now() < this.#restsUntil;
  }

  /** Resolves when everything is passed on, an attempt has failed, or `signal` says that there is no more time. */
  flush(signal: AbortSignal): Promise<void> {
    const before = this.#running ?? Promise.resolve();
    const running = before
      .then(() => this.#flush(signal))
      .finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
    this.#running = running;
    return running;
  }

  async #flush(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const batch = this.#next();
      if (batch === undefined) return;
      this.#pending = batch;
      using patience = new TimeLimit(this.#timeoutMs, signal);
      try {
        await Promise.race([this.#deliver(batch, patience.signal), aborted(patience.signal)]);
        this.#pending = undefined;
        this.#failures = 0;
        this.#restsUntil = 0;
      } catch (error) {
        this.#restsUntil = performance.now() + Math.min(restMs.max, restMs.first * 2 ** this.#failures);
        this.#failures += 1;
        console.error(`Telemetry batch ${batch.number} was not taken at attempt ${batch.attempt}: ${sentence(error)}`);
        return;
      }
    }
  }

  #next(): TelemetryBatch | undefined {
    if (this.#pending !== undefined) return { ...this.#pending, attempt: this.#pending.attempt + 1 };
    const { records, dropped } = this.#inbox.take();
    if (records.length === 0 && dropped === 0) return undefined;
    this.#number += 1;
    return { number: this.#number, attempt: 1, records, dropped };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(new Error("there was no more time"));
    if (signal.aborted) refuse();
    else signal.addEventListener("abort", refuse, { once: true });
  });
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
