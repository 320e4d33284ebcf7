import type { TelemetryDelivery } from "./listener.ts";
import type { TelemetryRecord } from "./record.ts";

export interface InboxOptions {
  /** So many records are kept while nobody takes them; then the oldest go. 10,000 unless told. */
  readonly recordsMax?: number;
  /** And so many bytes, as JSON: a line may be long. 8 MiB unless told. */
  readonly bytesMax?: number;
}

/** Ids of deliveries are remembered for a while, because a repetition follows closely. */
const sequenceIdsMax = 1_000;

/** Records that came and were not taken yet: bounded, without the deliveries that came twice. */
export class TelemetryInbox {
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  readonly #sequenceIds = new Set<string>();
  #records: TelemetryRecord[] = [];
  #bytes = 0;
  #dropped = 0;
  #heard = Promise.withResolvers<void>();

  constructor({ recordsMax = 10_000, bytesMax = 8_388_608 }: InboxOptions = {}) {
    this.#recordsMax = recordsMax;
    this.#bytesMax = bytesMax;
  }

  /** How many wait. */
  get size(): number {
    return this.#records.length;
  }

  /** Whoever has no other reason to take the records has one now. */
  get isHalfFull(): boolean {
    return this.size * 2 > this.#recordsMax || this.#bytes * 2 > this.#bytesMax;
  }

  put({ sequenceId, records }: TelemetryDelivery): boolean {
    if (sequenceId !== undefined && this.#sequenceIds.has(sequenceId)) return false;
    if (sequenceId !== undefined) this.#remember(sequenceId);
    for (const record of records) this.#records.push(record);
    this.#bytes += bytesOf(records);
    this.#shorten();
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
    return true;
  }

  /** All that waits, and how many had to go before it. They are the taker's now. */
  take(): { readonly records: readonly TelemetryRecord[]; readonly dropped: number } {
    const taken = { records: this.#records, dropped: this.#dropped };
    this.#records = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return taken;
  }

  /** Puts back what could not be passed on; it is older than what has come since. */
  putBack(records: readonly TelemetryRecord[], dropped: number): void {
    this.#records = [...records, ...this.#records];
    this.#bytes += bytesOf(records);
    this.#dropped += dropped;
    this.#shorten();
  }

  /** Resolves with the next delivery. */
  more(): Promise<void> {
    return this.#heard.promise;
  }

  #shorten(): void {
    let gone = Math.max(0, this.#records.length - this.#recordsMax);
    this.#bytes -= bytesOf(this.#records.slice(0, gone));
    while (this.#bytes > this.#bytesMax) {
      this.#bytes -= bytesOf(this.#records.slice(gone, gone + 1));
      gone += 1;
    }
    this.#records.splice(0, gone);
    this.#dropped += gone;
  }

  #remember(sequenceId: string): void {
    this.#sequenceIds.add(sequenceId);
    const [oldest] = this.#sequenceIds;
    if (this.#sequenceIds.size > sequenceIdsMax && oldest !== undefined) this.#sequenceIds.delete(oldest);
  }
}

function bytesOf(records: readonly TelemetryRecord[]): number {
  return records.reduce((sum, record) => sum + Buffer.byteLength(JSON.stringify(record)), 0);
}
