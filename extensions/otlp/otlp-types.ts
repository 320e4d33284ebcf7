import type { HrTime } from "@opentelemetry/api";
import type { JsonLogsSerializer, JsonMetricsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";

/** What the serialisers of OpenTelemetry take. */
export type OtlpSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];
export type OtlpLog = Parameters<typeof JsonLogsSerializer.serializeRequest>[0][number];
export type OtlpMetrics = Parameters<typeof JsonMetricsSerializer.serializeRequest>[0];
export type OtlpResource = OtlpMetrics["resource"];

/** Who says all this. One object, because the serialisers group by identity. */
export const scope = { name: "bootlace/extensions/otlp" };

/** Seconds and nanoseconds since the epoch. */
export function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((epochMs - seconds * 1_000) * 1e6))];
}

/** Of a record; the moment of reading where Lambda gave none. */
export function epochMs(time: string): number {
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? Date.now() : parsed;
}
