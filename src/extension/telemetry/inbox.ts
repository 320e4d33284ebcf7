import type { TelemetryDelivery } from "./listener.ts";
import type { TelemetryRecord } from "./record.ts";

export interface InboxOptions {
  /** So many records are kept while nobody takes them; then the oldest go. 10,000 unless told. */
  readonly recordsMax?: number;
}

/** Ids of deliveries are remembered for a while, because a repetition follows closely. */
const sequenceIdsMax = 1_000;

/** Records that came and were not taken yet: bounded, without the deliveries that came twice. */
export class TelemetryInbox {
  readonly #recordsMax: number;
  readonly #sequenceIds = new Set<string>();
  #records: TelemetryRecord[] = [];
  #dropped = 0;
  #heard = Promise.withResolvers<void>();

  constructor({ recordsMax = 10_000 }: InboxOptions = {}) {
    this.#recordsMax = recordsMax;
  }

  /** How many wait. */
  get size(): number {
    return this.#records.length;
  }

  put({ sequenceId, records }: TelemetryDelivery): boolean {
    if (sequenceId !== undefined && this.#sequenceIds.has(sequenceId)) return false;
    if (sequenceId !== undefined) this.#remember(sequenceId);
    this.#records.push(...records);
    this.#shorten();
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
    return true;
  }

  /** All that waits, and how many had to go before it. They are the taker's now. */
  take(): { readonly records: readonly TelemetryRecord[]; readonly dropped: number } {
    const taken = { records: this.#records, dropped: this.#dropped };
    this.#records = [];
    this.#dropped = 0;
    return taken;
  }

  /** Puts back what could not be passed on; it is older than what has come since. */
  putBack(records: readonly TelemetryRecord[], dropped: number): void {
    this.#records = [...records, ...this.#records];
    this.#dropped += dropped;
    this.#shorten();
  }

  /** Resolves with the next delivery. */
  more(): Promise<void> {
    return this.#heard.promise;
  }

  #shorten(): void {
    const excess = this.#records.length - this.#recordsMax;
    if (excess <= 0) return;
    this.#records.splice(0, excess);
    this.#dropped += excess;
  }

  #remember(sequenceId: string): void {
    this.#sequenceIds.add(sequenceId);
    const [oldest] = this.#sequenceIds;
    if (this.#sequenceIds.size > sequenceIdsMax && oldest !== undefined) this.#sequenceIds.delete(oldest);
  }
}
