import type { RegisteredFunction, TelemetryBatch, TelemetryRecord } from "bootlace/extension";
import { sent } from "./backend.ts";
import { EnvironmentStory, type Told } from "./environment-story.ts";
import { Metrics } from "./metrics.ts";
import { type Parcel, packed } from "./parcels.ts";
import { resourceOf } from "./resource.ts";
import type { Settings } from "./settings.ts";

/** What was made of one batch and is not taken yet. */
interface Consignment {
  readonly number: number;
  readonly parcels: Set<Parcel>;
}

/** Turns batches of records into OTLP requests, and sends each of these until it is taken or refused for good. */
export class OtlpExporter {
  readonly #about: RegisteredFunction;
  readonly #settings: Settings;
  readonly #say: (sentence: string) => void;
  #environment: { readonly story: EnvironmentStory; readonly metrics: Metrics } | undefined;
  #consignment: Consignment = { number: 0, parcels: new Set() };

  constructor(about: RegisteredFunction, settings: Settings, say: (sentence: string) => void) {
    this.#about = about;
    this.#settings = settings;
    this.#say = say;
  }

  /** A batch that comes again is not read again: what is left of it goes out as it was written the first time. */
  async deliver({ number, records, dropped }: TelemetryBatch, signal: AbortSignal): Promise<void> {
    if (number !== this.#consignment.number) {
      const { story, metrics } = this.#environmentOf(records);
      metrics.dropped(dropped, "extension");
      this.#consignment = { number, parcels: new Set(await this.#packed(story.read(records), metrics)) };
    }
    await this.#send(signal);
  }

  /** Sends what never came to an end, such as an invocation that timed out, whose report nobody is told. */
  async end(signal: AbortSignal): Promise<void> {
    const { story, metrics } = this.#environmentOf([]);
    for (const parcel of await this.#packed(story.end(), metrics)) this.#consignment.parcels.add(parcel);
    if (!signal.aborted) await this.#send(signal);
  }

  async #packed(told: Told, metrics: Metrics): Promise<readonly Parcel[]> {
    return packed({ ...told, metrics: await metrics.collect() }, this.#settings.destinations);
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { parcels } = this.#consignment;
    const outcomes = await Promise.allSettled(
      [...parcels].map(async (parcel) => {
        const { rejected, reason } = await sent(parcel, signal);
        parcels.delete(parcel);
        if (rejected === 0) return;
        this.#say(`The backend refused ${rejected} of ${parcel.items} ${parcel.signal} for good: ${reason}`);
        this.#environment?.metrics.dropped(rejected, "backend");
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** Known with the first records, because one of them names the instance. */
  #environmentOf(records: readonly TelemetryRecord[]) {
    this.#environment ??= this.#newEnvironment(records);
    return this.#environment;
  }

  #newEnvironment(records: readonly TelemetryRecord[]) {
    const named = records.flatMap((record) =>
      record.type === "platform.initStart" ? (record.record.instanceId ?? []) : [],
    );
    const resource = resourceOf(this.#about, named[0] ?? crypto.randomUUID(), this.#settings.attributes);
    const metrics = new Metrics(resource, this.#settings.temporality);
    return { metrics, story: new EnvironmentStory({ resource, functionName: this.#about.functionName }, metrics) };
  }
}
