/** What an extension reads of its environment, typed. DG/telemetry-schema-reference.html, schema 2025-01-29. */

export type TelemetryStatus = "success" | "failure" | "error" | "timeout";

export interface Span {
  readonly name: string;
  /** ISO 8601. */
  readonly start: string;
  readonly durationMs: number;
}

export interface Tracing {
  readonly spanId?: string;
  readonly type: string;
  readonly value: string;
}

interface Outcome {
  readonly status: TelemetryStatus;
  readonly errorType?: string;
  readonly spans?: readonly Span[];
}

interface OfInvocation {
  readonly requestId: string;
  readonly tracing?: Tracing;
  readonly tenantId?: string;
}

interface InitFacts {
  readonly initializationType: string;
  readonly phase: string;
}

interface EnvironmentFacts {
  readonly functionName?: string;
  readonly functionVersion?: string;
  readonly instanceId?: string;
  readonly instanceMaxMemory?: number;
  readonly runtimeVersion?: string;
  readonly runtimeVersionArn?: string;
}

/** In milliseconds and megabytes. Managed Instances have the first alone. */
export interface ReportMetrics {
  readonly durationMs: number;
  readonly billedDurationMs?: number;
  readonly memorySizeMB?: number;
  readonly maxMemoryUsedMB?: number;
  readonly initDurationMs?: number;
  readonly restoreDurationMs?: number;
}

interface Records {
  readonly "platform.initStart": InitFacts & EnvironmentFacts;
  readonly "platform.initRuntimeDone": InitFacts & Outcome;
  readonly "platform.initReport": InitFacts & Partial<Outcome> & { readonly metrics: { readonly durationMs: number } };
  readonly "platform.restoreStart": EnvironmentFacts;
  readonly "platform.restoreRuntimeDone": Outcome;
  readonly "platform.restoreReport": Outcome & { readonly metrics?: { readonly durationMs: number } };
  readonly "platform.start": OfInvocation & { readonly version?: string; readonly functionArn?: string };
  readonly "platform.runtimeDone": OfInvocation &
    Outcome & { readonly metrics?: { readonly durationMs: number; readonly producedBytes?: number } };
  readonly "platform.report": OfInvocation & Partial<Outcome> & { readonly metrics: ReportMetrics };
  readonly "platform.extension": {
    readonly name: string;
    readonly state: string;
    readonly events: readonly string[];
    readonly errorType?: string;
  };
  readonly "platform.telemetrySubscription": Subscribed;
  readonly "platform.logsSubscription": Subscribed;
  readonly "platform.logsDropped": {
    readonly droppedBytes: number;
    readonly droppedRecords: number;
    readonly reason: string;
  };
  /** The Logs API alone. */
  readonly "platform.end": { readonly requestId: string };
  /** The Logs API alone. */
  readonly "platform.fault": string;
  /** A line with its newline, or the object that it is, where the function logs in JSON format. */
  readonly function: string | Readonly<Record<string, unknown>>;
  readonly extension: string | Readonly<Record<string, unknown>>;
}

interface Subscribed {
  readonly name: string;
  readonly state: string;
  readonly types: readonly string[];
}

export type KnownTelemetryRecord = {
  readonly [Type in keyof Records]: {
    /** ISO 8601, in UTC. */
    readonly time: string;
    readonly type: Type;
    readonly record: Records[Type];
  };
}[keyof Records];

/** A record of a type that came after this version, as it was received. */
export interface UnknownTelemetryRecord {
  readonly time: string;
  readonly type: "unknown";
  readonly received: Readonly<Record<string, unknown>>;
}

export type TelemetryRecord = KnownTelemetryRecord | UnknownTelemetryRecord;

/** Every type once: a record that is none of these is passed on as unknown. */
const known: Readonly<Record<keyof Records, true>> = {
  "platform.initStart": true,
  "platform.initRuntimeDone": true,
  "platform.initReport": true,
  "platform.restoreStart": true,
  "platform.restoreRuntimeDone": true,
  "platform.restoreReport": true,
  "platform.start": true,
  "platform.runtimeDone": true,
  "platform.report": true,
  "platform.extension": true,
  "platform.telemetrySubscription": true,
  "platform.logsSubscription": true,
  "platform.logsDropped": true,
  "platform.end": true,
  "platform.fault": true,
  function: true,
  extension: true,
};

/** One event as it came; undefined for what is no event at all. Fields are Lambda's word and are not checked. */
export function telemetryRecordOf(event: unknown): TelemetryRecord | undefined {
  if (typeof event !== "object" || event === null || !("type" in event) || typeof event.type !== "string")
    return undefined;
  const time = "time" in event && typeof event.time === "string" ? event.time : "";
  if (!Object.hasOwn(known, event.type) || !("record" in event))
    return { time, type: "unknown", received: { ...event } };
  // as: the type was looked up; what stands in its record is Lambda's own word.
  return event as KnownTelemetryRecord;
}
