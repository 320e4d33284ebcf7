import { type Amount, nothing } from "../../core/telemetry/delivery-model.ts";
import { categoryOf } from "../../core/telemetry/event.ts";
import type { TelemetryCategory } from "../../protocol/telemetry.ts";
import type { Dated } from "./telemetry.ts";

/** As many events as a subscriber may have in one batch, and as many bytes of lines. */
const happeningsMax = 10_000;
const lineBytesMax = 1_048_576;

/** What has happened in an Init, from its beginning until subscriptions are closed; the latest is left out when it is too much. */
export class Past {
  #happenings: Dated[] = [];
  #lineBytes = 0;
  readonly #missed = new Map<TelemetryCategory, Amount>();
  #running = false;

  get happenings(): readonly Dated[] {
    return this.#happenings;
  }

  /** What was left out, to whoever subscribes to `types`. */
  missed(types: readonly TelemetryCategory[]): Amount {
    const amounts = [...new Set(types)].map((type) => this.#missed.get(type) ?? nothing);
    return amounts.reduce((sum, { records, bytes }) => add(sum, records, bytes), nothing);
  }

  add(dated: Dated): void {
    const { happening } = dated;
    if (happening.type === "record" && happening.record.type === "platform.initStart") this.#begin();
    if (!this.#running) return;
    const bytes = happening.type === "line" ? Buffer.byteLength(happening.text) + 1 : 0;
    if (this.#happenings.length >= happeningsMax || this.#lineBytes + bytes > lineBytesMax) {
      const category = categoryOf(happening);
      this.#missed.set(category, add(this.#missed.get(category) ?? nothing, 1, bytes));
      return;
    }
    this.#lineBytes += bytes;
    this.#happenings.push(dated);
  }

  end(): void {
    this.#happenings = [];
    this.#lineBytes = 0;
    this.#missed.clear();
    this.#running = false;
  }

  #begin(): void {
    this.end();
    this.#running = true;
  }
}

function add(sum: Amount, records: number, bytes: number): Amount {
  return { records: sum.records + records, bytes: sum.bytes + bytes };
}
