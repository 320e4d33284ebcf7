import { type AnyValue, SeverityNumber, type SpanContext } from "@opentelemetry/api";
import type { KnownTelemetryRecord } from "bootlace/extension";
import { epochMs, hrTime, type OtlpLog, type OtlpResource, scope } from "./otlp-types.ts";

export type LineRecord = Extract<KnownTelemetryRecord, { readonly type: "function" }>;

/** A line of the function, with the trace of its invocation where there is one. */
export interface Line {
  readonly record: LineRecord;
  readonly requestId?: string;
  readonly context?: SpanContext;
}

export function logOf({ record, requestId, context }: Line, resource: OtlpResource): OtlpLog {
  const severityText = levelOf(record.record);
  return {
    hrTime: hrTime(epochMs(record.time)),
    hrTimeObserved: hrTime(Date.now()),
    ...(context === undefined ? {} : { spanContext: context }),
    ...(severityText === undefined ? {} : { severityText, severityNumber: severities[severityText] }),
    // as: an object came as JSON, which is what a value may be.
    body: typeof record.record === "string" ? record.record.replace(/\n$/, "") : (record.record as AnyValue),
    resource,
    instrumentationScope: scope,
    attributes: requestId === undefined ? {} : { "faas.invocation_id": requestId },
    droppedAttributesCount: 0,
  };
}

/** Lambda's words for levels. DG/monitoring-cloudwatchlogs-log-level.html */
const severities = {
  TRACE: SeverityNumber.TRACE,
  DEBUG: SeverityNumber.DEBUG,
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
  FATAL: SeverityNumber.FATAL,
} as const;

/** What the line says of itself: `level` of an object; in text, a field between tabs (Node) or the first in brackets (Python). */
function levelOf(content: LineRecord["record"]): keyof typeof severities | undefined {
  if (typeof content !== "string") return known(content.level);
  const [first = "", , third = ""] = content.split("\t", 3);
  return known(/^\[([A-Z]+)\]$/.exec(first)?.[1]) ?? known(third);
}

function known(word: unknown): keyof typeof severities | undefined {
  const upper = typeof word === "string" ? word.toUpperCase() : "";
  const level = { WARNING: "WARN", CRITICAL: "FATAL" }[upper] ?? upper;
  return Object.keys(severities).find((name): name is keyof typeof severities => name === level);
}
