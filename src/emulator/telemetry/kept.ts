import { type Amount, nothing } from "../../core/telemetry/delivery-model.ts";
import { categoryOf } from "../../core/telemetry/event.ts";
import { limits } from "../../protocol/limits.ts";
import type { TelemetryCategory } from "../../protocol/telemetry.ts";
import type { Dated } from "./telemetry.ts";

/** What is kept for somebody who is not there yet: as many events as one batch may have, and as many bytes of lines; the latest is left out when it is too much. */
export class Kept {
  readonly #happenings: Dated[] = [];
  #lineBytes = 0;
  readonly #missed = new Map<TelemetryCategory, Amount>();

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
    const bytes = happening.type === "line" ? Buffer.byteLength(happening.text) + 1 : 0;
    const full = this.#happenings.length >= limits.telemetryItemsMax;
    if (full || this.#lineBytes + bytes > limits.telemetryBytesMax) {
      const category = categoryOf(happening);
      this.#missed.set(category, add(this.#missed.get(category) ?? nothing, 1, bytes));
      return;
    }
    this.#lineBytes += bytes;
    this.#happenings.push(dated);
  }
}

function add(sum: Amount, records: number, bytes: number): Amount {
  return { records: sum.records + records, bytes: sum.bytes + bytes };
}
