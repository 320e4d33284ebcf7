import { type Counter, type Histogram, ValueType } from "@opentelemetry/api";
import { AggregationTemporality, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import type { InvocationFacts } from "./invocation.ts";
import { type OtlpMetrics, type OtlpResource, scope } from "./otlp-types.ts";
import type { PhaseFacts } from "./spans.ts";

/** Who lost records: Lambda before they came here, this extension because nobody took them, the backend by refusing them. */
export type Loser = "platform" | "extension" | "backend";

/** OpenTelemetry's conventions for FaaS metrics, version 1.43: names, units and, for durations, bounds. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Memory sizes of functions; the conventions have no bounds for this one. */
const bytes = [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 10_240].map((megabytes) => megabytes * 1_048_576);

/** Counts what happens in this environment. */
export class Metrics {
  readonly #reader: OnDemandReader;
  readonly #invokeDuration: Histogram;
  readonly #initDuration: Histogram;
  readonly #memory: Histogram;
  readonly #invocations: Counter;
  readonly #errors: Counter;
  readonly #timeouts: Counter;
  readonly #coldStarts: Counter;
  readonly #dropped: Counter;
  #isNew = false;

  constructor(resource: OtlpResource, temporality: "cumulative" | "delta") {
    this.#reader = new OnDemandReader(temporality);
    const meter = new MeterProvider({ resource, readers: [this.#reader] }).getMeter(scope.name);
    const histogram = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]) =>
      meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
    const counter = (name: string, unit: string, description: string) =>
      meter.createCounter(name, { unit, description, valueType: ValueType.INT });
    this.#invokeDuration = histogram("faas.invoke_duration", "s", "Duration of an invocation, as reported", seconds);
    this.#initDuration = histogram("faas.init_duration", "s", "Duration of an Init or Restore phase", seconds);
    this.#memory = histogram("faas.mem_usage", "By", "Most memory that was in use, as reported", bytes);
    this.#invocations = counter("faas.invocations", "{invocation}", "Invocations that Lambda calls a success");
    this.#errors = counter("faas.errors", "{error}", "Invocations that ended with an error or failure");
    this.#timeouts = counter("faas.timeouts", "{timeout}", "Invocations that timed out");
    this.#coldStarts = counter("faas.coldstarts", "{coldstart}", "First invocations after an Init or Restore phase");
    this.#dropped = counter("bootlace.telemetry.dropped", "{record}", "Records that were lost, by who lost them");
  }

  invoked({ durationMs, memoryBytes, status, errorType }: InvocationFacts, isCold: boolean): void {
    this.#isNew = true;
    if (durationMs !== undefined) this.#invokeDuration.record(durationMs / 1_000);
    if (memoryBytes !== undefined) this.#memory.record(memoryBytes);
    if (isCold) this.#coldStarts.add(1);
    if (status === "success") this.#invocations.add(1);
    else if (status === "timeout") this.#timeouts.add(1);
    else this.#errors.add(1, { "error.type": errorType ?? status ?? "unknown" });
  }

  initialised({ name, durationMs }: PhaseFacts): void {
    this.#isNew = true;
    this.#initDuration.record(durationMs / 1_000, { "lambda.phase": name });
  }

  dropped(records: number, where: Loser): void {
    if (records === 0) return;
    this.#isNew = true;
    this.#dropped.add(records, { "bootlace.dropped_by": where });
  }

  /** What there is to say, or undefined where nothing has happened since the last time. */
  async collect(): Promise<OtlpMetrics | undefined> {
    if (!this.#isNew) return undefined;
    this.#isNew = false;
    return (await this.#reader.collect()).resourceMetrics;
  }
}

/** Reads when it is asked to: a timer would run into a freeze. */
class OnDemandReader extends MetricReader {
  constructor(temporality: "cumulative" | "delta") {
    const chosen = temporality === "delta" ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    super({ aggregationTemporalitySelector: () => chosen });
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}
