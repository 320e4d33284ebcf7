import { promisify } from "node:util";
import { gzip } from "node:zlib";
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import type { OtlpLog, OtlpMetrics, OtlpSpan } from "./otlp-types.ts";
import type { Destination, Signal } from "./settings.ts";

const gzipped = promisify(gzip);

/** One request, as it is sent every time until it is taken. */
export interface Parcel {
  readonly signal: Signal;
  readonly destination: Destination;
  readonly body: Uint8Array;
  /** Spans, log records or data points. */
  readonly items: number;
}

export interface Content {
  readonly spans: readonly OtlpSpan[];
  readonly logs: readonly OtlpLog[];
  readonly metrics: OtlpMetrics | undefined;
}

const serialisers = {
  "http/protobuf": {
    traces: ProtobufTraceSerializer,
    logs: ProtobufLogsSerializer,
    metrics: ProtobufMetricsSerializer,
  },
  "http/json": { traces: JsonTraceSerializer, logs: JsonLogsSerializer, metrics: JsonMetricsSerializer },
} as const;

/** Packs what there is, for those who want it. */
export async function packed(
  { spans, logs, metrics }: Content,
  destinations: Readonly<Partial<Record<Signal, Destination>>>,
): Promise<readonly Parcel[]> {
  const { traces: toTraces, logs: toLogs, metrics: toMetrics } = destinations;
  const parcels = [
    toTraces && spans.length > 0
      ? parcel("traces", toTraces, spans.length, serialisers[toTraces.format].traces.serializeRequest([...spans]))
      : undefined,
    toLogs && logs.length > 0
      ? parcel("logs", toLogs, logs.length, serialisers[toLogs.format].logs.serializeRequest([...logs]))
      : undefined,
    toMetrics && metrics
      ? parcel("metrics", toMetrics, points(metrics), serialisers[toMetrics.format].metrics.serializeRequest(metrics))
      : undefined,
  ];
  return (await Promise.all(parcels)).flatMap((made) => made ?? []);
}

/** How many items an answer says were not taken, though the request was; and why. OTLP/HTTP, "Partial success" */
export function rejectedIn({ signal, destination }: Parcel, answer: Uint8Array): { items: number; reason: string } {
  if (answer.byteLength === 0) return { items: 0, reason: "" };
  try {
    const { partialSuccess } = serialisers[destination.format][signal].deserializeResponse(answer);
    const items = ["rejectedSpans", "rejectedLogRecords", "rejectedDataPoints"].map((field) =>
      Number(Reflect.get(partialSuccess ?? {}, field) ?? 0),
    );
    return { items: Math.max(...items), reason: partialSuccess?.errorMessage ?? "" };
  } catch {
    // It was taken; what else a proxy may say is nobody's loss.
    return { items: 0, reason: "" };
  }
}

async function parcel(
  signal: Signal,
  destination: Destination,
  items: number,
  written: Uint8Array | undefined,
): Promise<Parcel | undefined> {
  if (written === undefined) return undefined;
  return { signal, destination, items, body: destination.compression === "gzip" ? await gzipped(written) : written };
}

function points({ scopeMetrics }: OtlpMetrics): number {
  return scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(({ dataPoints }): unknown[] => dataPoints)).length;
}
