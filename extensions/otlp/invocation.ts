import type { InvocationTelemetry, Span, TelemetryStatus } from "bootlace/extension";
import { epochMs } from "./otlp-types.ts";
import type { StartRecord } from "./trace-context.ts";

/** One invocation as far as it was told. */
export interface InvocationFacts {
  readonly requestId: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Of the invocation, as it is billed before rounding; undefined where neither end was told. */
  readonly durationMs?: number;
  /** Undefined where the environment ended before anybody said. */
  readonly status?: TelemetryStatus;
  readonly errorType?: string;
  readonly billedMs?: number;
  readonly memoryBytes?: number;
  readonly responseBytes?: number;
  readonly functionArn?: string;
  readonly tenantId?: string;
  readonly spans: readonly Span[];
}

const bytesInMB = 1_048_576;

/** The report knows best; of an invocation whose environment was reset it does not come, and `platform.runtimeDone` has to do. */
export function factsOf(
  start: StartRecord,
  { requestId, runtimeDone, report }: Omit<InvocationTelemetry, "start">,
): InvocationFacts {
  const done = runtimeDone?.record;
  const said = report?.record;
  const durationMs = said?.metrics.durationMs ?? done?.metrics?.durationMs;
  const startMs = epochMs(start.time);
  const spans = [...(done?.spans ?? []), ...(said?.spans ?? [])];
  const ends = spans.map(({ start: begun, durationMs }) => epochMs(begun) + durationMs);
  const memoryMB = said?.metrics.maxMemoryUsedMB;
  return {
    requestId,
    startMs,
    endMs: Math.max(startMs + (durationMs ?? 0), ...ends),
    spans,
    ...defined("durationMs", durationMs),
    ...defined("status", said?.status ?? done?.status),
    ...defined("errorType", said?.errorType ?? done?.errorType),
    ...defined("billedMs", said?.metrics.billedDurationMs),
    ...defined("memoryBytes", memoryMB === undefined ? undefined : memoryMB * bytesInMB),
    ...defined("responseBytes", done?.metrics?.producedBytes),
    ...defined("functionArn", start.record.functionArn),
    ...defined("tenantId", start.record.tenantId),
  };
}

/** With exact optional properties a field is there or it is not. */
function defined<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  // as: a computed key is typed as any string.
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
