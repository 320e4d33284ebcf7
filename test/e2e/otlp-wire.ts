/** What is in OTLP requests, read without the libraries that wrote them: opentelemetry-proto 1.x, by field numbers and by JSON names. */

export interface OtlpContent {
  readonly spans: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId: string;
    readonly name: string;
  }[];
  readonly logs: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly points: readonly { readonly metric: string; readonly series: string; readonly value: number }[];
}

export type OtlpSignal = keyof typeof readers;

/** Content of requests of all kinds together. */
export function together(contents: readonly OtlpContent[]): OtlpContent {
  return {
    spans: contents.flatMap(({ spans }) => spans),
    logs: contents.flatMap(({ logs }) => logs),
    points: contents.flatMap(({ points }) => points),
  };
}

export function ofProtobuf(signal: OtlpSignal, body: Uint8Array): OtlpContent {
  const items = all(Buffer.from(body), 1).flatMap((resource) => all(resource, 2).flatMap((scoped) => all(scoped, 2)));
  return together(items.map(readers[signal]));
}

/** Of a request, or of a line that a collector's file exporter wrote. */
export function ofJson(text: string): OtlpContent {
  const { resourceSpans = [], resourceLogs = [], resourceMetrics = [] } = JSON.parse(text);
  const inside = (resources: readonly object[], scoped: string, items: string) =>
    resources.flatMap((one) => Reflect.get(one, scoped)).flatMap((one) => Reflect.get(one, items));
  return {
    spans: inside(resourceSpans, "scopeSpans", "spans").map((span) => ({ parentSpanId: "", ...span })),
    logs: inside(resourceLogs, "scopeLogs", "logRecords").map((log) => ({ traceId: "", spanId: "", ...log })),
    points: inside(resourceMetrics, "scopeMetrics", "metrics").flatMap((metric) =>
      (metric.sum ?? metric.histogram).dataPoints.map((point: Record<string, unknown>) => ({
        metric: metric.name,
        series: `${point.startTimeUnixNano} ${JSON.stringify(point.attributes ?? [])}`,
        value: Number(point.count ?? point.asInt ?? point.asDouble),
      })),
    ),
  };
}

const none: OtlpContent = { spans: [], logs: [], points: [] };

const readers = {
  traces: (span: Buffer): OtlpContent => ({
    ...none,
    spans: [{ traceId: hex(span, 1), spanId: hex(span, 2), parentSpanId: hex(span, 4), name: text(span, 5) }],
  }),
  logs: (log: Buffer): OtlpContent => ({ ...none, logs: [{ traceId: hex(log, 9), spanId: hex(log, 10) }] }),
  metrics: (metric: Buffer): OtlpContent => ({
    ...none,
    points: [
      ...all(metric, 7).flatMap((sum) => all(sum, 1).map((point) => pointOf(metric, point, 6, 7))),
      ...all(metric, 9).flatMap((histogram) => all(histogram, 1).map((point) => pointOf(metric, point, 4, 9))),
    ],
  }),
};

function pointOf(metric: Buffer, point: Buffer, value: number, attributes: number): OtlpContent["points"][number] {
  return {
    metric: text(metric, 1),
    series: `${hex(point, 2)} ${all(point, attributes).map((bytes) => bytes.toString("hex"))}`,
    value: Number(all(point, value)[0]?.readBigInt64LE()),
  };
}

function text(message: Buffer, field: number): string {
  return all(message, field)[0]?.toString() ?? "";
}

function hex(message: Buffer, field: number): string {
  return all(message, field)[0]?.toString("hex") ?? "";
}

/** The values of a field, as often as it is there; numbers of fixed width are their bytes. */
function all(message: Buffer, wanted: number): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at);
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag % 8;
    const bytes = type === 0 ? 0 : type === 1 ? 8 : type === 5 ? 4 : varint();
    if (type === 0) varint();
    else if ((tag - type) / 8 === wanted) found.push(message.subarray(at, at + bytes));
    at += bytes;
    if (at > message.length) throw new Error(`A field of ${bytes} bytes goes beyond the message`);
  }
  return found;
}
