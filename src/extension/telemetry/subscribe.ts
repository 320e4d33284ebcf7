import type { ExtensionsApi } from "../extensions-api.ts";
import { type InboxOptions, TelemetryInbox } from "./inbox.ts";
import { listenForTelemetry, type TelemetryDelivery, type TelemetryListener } from "./listener.ts";
import type { TelemetryRecord } from "./record.ts";
import { type SubscriptionOptions, subscriptionBody } from "./subscription.ts";

/**
 * Subscribes to the telemetry of this environment, which Lambda allows until the extension first asks for an event.
 * Rejects with a `SubscriptionError` when the options are wrong, and with the refusal when Lambda does not take it.
 */
export async function subscribeToTelemetry(
  api: ExtensionsApi,
  options: SubscriptionOptions & InboxOptions,
): Promise<Telemetry> {
  const telemetry = new Telemetry(options);
  // First the listening: Lambda may send before it has answered.
  const listener = await listenForTelemetry(options.protocol ?? "HTTP", (delivery) => telemetry.hear(delivery));
  try {
    const answer = await api.subscribe(options.api ?? "Telemetry", subscriptionBody(options, listener.port));
    telemetry.begin(listener, answer === "subscribed");
    return telemetry;
  } catch (error) {
    listener.close();
    throw error;
  }
}

/** A subscription, and the records that it brings. */
export class Telemetry implements AsyncIterable<TelemetryRecord> {
  readonly inbox: TelemetryInbox;
  readonly #ears: ((record: TelemetryRecord) => void)[] = [];
  readonly #over = Promise.withResolvers<void>();
  #listener: TelemetryListener | undefined;
  #supported = true;
  #closed = false;

  constructor(options: InboxOptions) {
    this.inbox = new TelemetryInbox(options);
  }

  /** False where the Extensions API says that it has no telemetry: nothing will come then. */
  get supported(): boolean {
    return this.#supported;
  }

  /** Hears every record as it comes, besides its being kept. Must not throw, and must not log: logs are records too. */
  onRecord(hear: (record: TelemetryRecord) => void): void {
    this.#ears.push(hear);
  }

  /** Ends the listening, and every `for await` over the records. */
  close(): void {
    this.#closed = true;
    this.#listener?.close();
    this.#over.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TelemetryRecord> {
    for (;;) {
      const more = this.inbox.more();
      yield* this.inbox.take().records;
      if (this.inbox.size > 0) continue;
      if (this.#closed) return;
      await Promise.race([more, this.#over.promise]);
    }
  }

  hear(delivery: TelemetryDelivery): void {
    if (!this.inbox.put(delivery)) return;
    for (const record of delivery.records) for (const hear of this.#ears) hear(record);
  }

  begin(listener: TelemetryListener, supported: boolean): void {
    this.#listener = listener;
    this.#supported = supported;
    if (!supported) this.close();
  }
}
