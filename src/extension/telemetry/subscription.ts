import { limits } from "../../protocol/limits.ts";
import type { Buffering, SchemaVersion, TelemetryApi, TelemetryCategory } from "../../protocol/telemetry.ts";

/** What to subscribe to. */
export interface SubscriptionOptions {
  readonly types: readonly TelemetryCategory[];
  /** The newest of the API, unless told. */
  readonly schemaVersion?: SchemaVersion;
  /** The Logs API is the older one, kept for functions that still have it. */
  readonly api?: TelemetryApi;
  readonly protocol?: "HTTP" | "TCP";
  /** What Lambda collects before it sends; a thousand records, 256 KiB or a tenth of a second, unless told. */
  readonly buffering?: Partial<Buffering>;
}

/** The options are wrong: the message says which, and what it takes. */
export class SubscriptionError extends Error {
  override readonly name = "SubscriptionError";
}

const newest = { Telemetry: "2025-01-29", Logs: "2021-03-18" } as const;
const usual: Buffering = { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 100 };

const ranges = {
  maxItems: [limits.telemetryItemsMin, limits.telemetryItemsMax],
  maxBytes: [limits.telemetryBytesMin, limits.telemetryBytesMax],
  timeoutMs: [limits.telemetryTimeoutMsMin, limits.telemetryTimeoutMsMax],
} as const;

/** The body of a subscription, checked as Lambda would, whose own answers name neither the field nor the file. */
export function subscriptionBody(options: SubscriptionOptions, port: number): object {
  const { api = "Telemetry", types, protocol = "HTTP", schemaVersion = newest[api] } = options;
  const buffering = { ...usual, ...options.buffering };
  if (types.length === 0)
    throw new SubscriptionError('Subscribe to "platform", "function" or "extension", or to several');
  const isOld = schemaVersion < "2022-07-01";
  if (api === "Telemetry" && isOld)
    throw new SubscriptionError(`The Telemetry API has no schema "${schemaVersion}": it begins with 2022-07-01`);
  for (const field of ["maxItems", "maxBytes", "timeoutMs"] as const) {
    const [min, max] = ranges[field];
    const value = buffering[field];
    if (!Number.isInteger(value) || value < min || value > max)
      throw new SubscriptionError(`"buffering.${field}" is a whole number from ${min} to ${max}, not ${value}`);
  }
  const destination =
    protocol === "HTTP" ? { protocol, URI: `http://sandbox.localdomain:${port}/telemetry` } : { protocol, port };
  return { schemaVersion, types, buffering, destination };
}
