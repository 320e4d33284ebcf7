import { type Amount, nothing } from "../../core/telemetry/delivery-model.ts";
import type { TelemetryCategory } from "../../protocol/telemetry.ts";
import { Kept } from "./kept.ts";
import type { Dated } from "./telemetry.ts";

/** What has happened in an Init, from its beginning until subscriptions are closed. */
export class Past {
  #kept: Kept | undefined;

  get happenings(): readonly Dated[] {
    return this.#kept?.happenings ?? [];
  }

  /** What was left out, to whoever subscribes to `types`. */
  missed(types: readonly TelemetryCategory[]): Amount {
    return this.#kept?.missed(types) ?? nothing;
  }

  add(dated: Dated): void {
    const { happening } = dated;
    if (happening.type === "record" && happening.record.type === "platform.initStart") this.#kept = new Kept();
    this.#kept?.add(dated);
  }

  end(): void {
    this.#kept = undefined;
  }
}
