import type { KnownTelemetryRecord, TelemetryRecord } from "./record.ts";

type Of<Type extends KnownTelemetryRecord["type"]> = Extract<KnownTelemetryRecord, { readonly type: Type }>;

/** All that is known of one invocation. */
export interface InvocationTelemetry {
  readonly requestId: string;
  readonly start?: Of<"platform.start">;
  readonly runtimeDone?: Of<"platform.runtimeDone">;
  readonly report?: Of<"platform.report">;
  /** Lines of the function: those that name the request, and those that came while it was the one in hand. */
  readonly lines: readonly Of<"function">[];
  /** Lines that were left out, because there were more than are kept. */
  readonly linesLost?: number;
}

/** A function may write for fifteen minutes: of an invocation the first lines are kept, and the others counted. */
const linesMax = 10_000;

/** Invocations without a report are given up beyond so many: the environment was reset, or the records were dropped. */
const openMax = 100;

/** Sorts records by invocation. A report comes after everybody is done, often not before the next invocation. */
export class InvocationLedger {
  readonly #open = new Map<string, InvocationTelemetry & { readonly lines: Of<"function">[] }>();
  #current: string | undefined;

  /** The invocation that this record completes, if it does. */
  add(record: TelemetryRecord): InvocationTelemetry | undefined {
    switch (record.type) {
      case "platform.start":
        this.#current = record.record.requestId;
        this.#change(record.record.requestId, { start: record });
        return undefined;
      case "platform.runtimeDone":
        this.#change(record.record.requestId, { runtimeDone: record });
        return undefined;
      case "function": {
        const requestId = requestIdIn(record) ?? this.#current;
        if (requestId !== undefined) this.#line(requestId, record);
        return undefined;
      }
      case "platform.report": {
        const { requestId } = record.record;
        const complete = { ...this.#of(requestId), report: record };
        this.#open.delete(requestId);
        if (this.#current === requestId) this.#current = undefined;
        return complete;
      }
      default:
        return undefined;
    }
  }

  /** Those whose report has not come. They are forgotten. */
  rest(): readonly InvocationTelemetry[] {
    const rest = [...this.#open.values()];
    this.#open.clear();
    return rest;
  }

  #line(requestId: string, record: Of<"function">): void {
    const { lines, linesLost = 0 } = this.#of(requestId);
    if (lines.length < linesMax) this.#change(requestId, {}).lines.push(record);
    else this.#change(requestId, { linesLost: linesLost + 1 });
  }

  #of(requestId: string): InvocationTelemetry & { readonly lines: Of<"function">[] } {
    return this.#open.get(requestId) ?? { requestId, lines: [] };
  }

  #change(requestId: string, change: Pick<InvocationTelemetry, "start" | "runtimeDone" | "linesLost">) {
    const changed = { ...this.#of(requestId), ...change };
    this.#open.set(requestId, changed);
    const [oldest] = this.#open.keys();
    if (this.#open.size > openMax && oldest !== undefined) this.#open.delete(oldest);
    return changed;
  }
}

/** A line in JSON format says whose it is. */
function requestIdIn({ record }: Of<"function">): string | undefined {
  if (typeof record === "string") return undefined;
  const { requestId, AWSRequestId } = record;
  return [requestId, AWSRequestId].find((value) => typeof value === "string");
}
