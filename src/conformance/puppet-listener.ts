import { performance } from "node:perf_hooks";

/** One request of telemetry, or one piece where it comes over TCP. */
export interface TelemetryBatch {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** What it was answered with; 0 over TCP. */
  readonly status: number;
  readonly contentType: string;
  readonly sequenceId: string;
  readonly body: Buffer;
}

export interface HeardEvent {
  readonly type: string;
  readonly record: unknown;
}

/** Where a puppet hears telemetry. */
export class PuppetListener {
  readonly batches: TelemetryBatch[] = [];
  readonly #port = Promise.withResolvers<number>();
  readonly #waiting: (() => void)[] = [];

  /** The port that it was given. */
  get port(): Promise<number> {
    return this.#port.promise;
  }

  listens(port: number): void {
    this.#port.resolve(port);
  }

  hear(status: number, [body = "", contentType = "", sequenceId = ""]: readonly string[]): void {
    const text = (word: string) => Buffer.from(word, "base64").toString();
    this.batches.push({
      at: performance.now(),
      status,
      body: Buffer.from(body, "base64"),
      contentType: text(contentType),
      sequenceId: text(sequenceId),
    });
    for (const look of this.#waiting.splice(0)) look();
  }

  /** Resolves when so many events of this type have been heard and taken. */
  async heard(type: string, times: number): Promise<void> {
    while (eventsIn(this.batches).filter((event) => event.type === type).length < times) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** The events of all batches that were taken, in order. What is no event of telemetry is left out. */
export function eventsIn(batches: readonly TelemetryBatch[]): readonly HeardEvent[] {
  const overHttp = batches.filter(({ status }) => status >= 200 && status < 300);
  const overTcp = Buffer.concat(batches.filter(({ status }) => status === 0).map(({ body }) => body)).toString();
  const lines = overTcp
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"));
  return [...overHttp.flatMap(({ body }) => jsonIn(body.toString())), ...lines.flatMap(jsonIn)].flatMap(eventIn);
}

function jsonIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return [];
  }
}

function eventIn(value: unknown): readonly HeardEvent[] {
  if (typeof value !== "object" || value === null || !("type" in value) || !("record" in value)) return [];
  return [{ type: String(value.type), record: value.record }];
}
