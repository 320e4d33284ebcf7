import {
  InvocationLedger,
  type InvocationTelemetry,
  type KnownTelemetryRecord,
  type TelemetryRecord,
} from "bootlace/extension";
import { factsOf } from "./invocation.ts";
import { type Line, type LineRecord, logOf } from "./logs.ts";
import type { Metrics } from "./metrics.ts";
import { epochMs, type OtlpLog, type OtlpSpan } from "./otlp-types.ts";
import { invocationSpans, type PhaseFacts, phaseSpan, type SpanSource } from "./spans.ts";
import { childOf, type InvocationTrace, newTrace, type StartRecord, traceOf } from "./trace-context.ts";

type Of<Type extends KnownTelemetryRecord["type"]> = Extract<KnownTelemetryRecord, { readonly type: Type }>;

/** What records become, besides figures. */
export interface Told {
  readonly spans: readonly OtlpSpan[];
  readonly logs: readonly OtlpLog[];
}

interface Open extends InvocationTrace {
  isCold: boolean;
}

/** As the ledger of invocations: beyond so many the oldest has no end any more. */
const openMax = 100;

/** Reads the records of one environment in their order, and tells what they mean as spans, logs and figures. */
export class EnvironmentStory {
  readonly #source: SpanSource;
  readonly #metrics: Metrics;
  readonly #ledger = new InvocationLedger();
  readonly #open = new Map<string, Open>();
  /** Phases before an invocation, which are told as part of it. */
  #phases: PhaseFacts[] = [];
  #phaseStart: Of<"platform.initStart" | "platform.restoreStart"> | undefined;
  #current: string | undefined;
  #isCold = true;
  #spans: OtlpSpan[] = [];
  #logs: OtlpLog[] = [];

  constructor(source: SpanSource, metrics: Metrics) {
    this.#source = source;
    this.#metrics = metrics;
  }

  read(records: readonly TelemetryRecord[]): Told {
    for (const record of records) this.#read(record);
    return this.#told();
  }

  /** Whatever has no end yet, once nothing more can come. */
  end(): Told {
    for (const invocation of this.#ledger.rest()) this.#complete(invocation);
    for (const phase of this.#phases) this.#spans.push(phaseSpan(phase, newTrace(), undefined, this.#source));
    this.#phases = [];
    return this.#told();
  }

  #told(): Told {
    const told = { spans: this.#spans, logs: this.#logs };
    this.#spans = [];
    this.#logs = [];
    return told;
  }

  #read(record: TelemetryRecord): void {
    // Lines go out at once: kept until a report comes, they would have no bound.
    if (record.type === "function") return void this.#logs.push(logOf(this.#lineOf(record), this.#source.resource));
    const complete = this.#ledger.add(record);
    if (complete !== undefined) this.#complete(complete);
    switch (record.type) {
      case "platform.initStart":
      case "platform.restoreStart":
        this.#phaseStart = record;
        break;
      case "platform.initReport":
      case "platform.restoreReport":
        this.#phaseEnded(record);
        break;
      case "platform.start":
        this.#started(record);
        break;
      case "platform.logsDropped":
        this.#metrics.dropped(record.record.droppedRecords, "platform");
    }
  }

  #started(record: StartRecord): void {
    const { requestId } = record.record;
    const trace = traceOf(record);
    this.#open.set(requestId, { ...trace, isCold: this.#isCold });
    this.#current = requestId;
    this.#isCold = false;
    for (const phase of this.#phases)
      this.#spans.push(phaseSpan(phase, childOf(trace.context), trace.context, this.#source));
    this.#phases = [];
    const [oldest] = this.#open.keys();
    if (this.#open.size > openMax && oldest !== undefined) this.#open.delete(oldest);
  }

  #phaseEnded(record: Of<"platform.initReport" | "platform.restoreReport">): void {
    const phase = phaseOf(record, this.#phaseStart);
    this.#phaseStart = undefined;
    this.#metrics.initialised(phase);
    const inside = this.#current === undefined ? undefined : this.#open.get(this.#current);
    if (record.type === "platform.initReport" && record.record.phase === "invoke" && inside !== undefined) {
      // The Init of an environment that was reset runs inside the invocation that came next.
      inside.isCold = true;
      this.#spans.push(phaseSpan(phase, childOf(inside.context), inside.context, this.#source));
      return;
    }
    this.#isCold = true;
    this.#phases.push(phase);
  }

  #complete(invocation: InvocationTelemetry): void {
    const { requestId, start } = invocation;
    const open = this.#open.get(requestId) ?? { context: newTrace(), isCold: false };
    this.#open.delete(requestId);
    // A report alone may be of an invocation before a reset, of which the extension before this one has told already.
    if (start === undefined) return;
    const facts = factsOf(start, invocation);
    this.#metrics.invoked(facts, open.isCold);
    this.#spans.push(...invocationSpans(facts, open, open.isCold, this.#source));
  }

  #lineOf(record: LineRecord): Line {
    const own = typeof record.record === "string" ? undefined : (record.record.requestId ?? record.record.AWSRequestId);
    const requestId = typeof own === "string" ? own : this.#current;
    const context = requestId === undefined ? undefined : this.#open.get(requestId)?.context;
    return { record, ...(requestId === undefined ? {} : { requestId }), ...(context === undefined ? {} : { context }) };
  }
}

function phaseOf(
  report: Of<"platform.initReport" | "platform.restoreReport">,
  start: Of<"platform.initStart" | "platform.restoreStart"> | undefined,
): PhaseFacts {
  const durationMs = report.record.metrics?.durationMs ?? 0;
  const { status, errorType } = report.record;
  return {
    name: report.type === "platform.initReport" ? "init" : "restore",
    startMs: start === undefined ? epochMs(report.time) - durationMs : epochMs(start.time),
    durationMs,
    ...(report.type === "platform.initReport" ? { initializationType: report.record.initializationType } : {}),
    ...(status === undefined ? {} : { status }),
    ...(errorType === undefined ? {} : { errorType }),
  };
}
