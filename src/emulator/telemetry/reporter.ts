import type { Environment, Instant } from "../../core/environment/model.ts";
import { eventsOf, type Happening, type SubscriptionState, subscriptionLine } from "../../core/telemetry/event.ts";
import { linesOf } from "../../core/telemetry/lines.ts";
import { lineLevel, logs, recordLevel, type SystemLogLevel } from "../../core/telemetry/log-level.ts";
import type { InvocationFacts, PlatformRecord, RecordFacts } from "../../core/telemetry/record.ts";
import { subscribing } from "../../core/telemetry/subscribing.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InitializationType } from "../../protocol/initialization-type.ts";
import { type Profile, profiles } from "../../protocol/profile.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { parseSubscription } from "../../protocol/schema/telemetry-request.ts";
import type { TelemetryApi, TelemetryEvent } from "../../protocol/telemetry.ts";
import { EnvironmentLog, type LogLine, type LogSource } from "../environment-log.ts";
import { type FunctionConfiguration, latestVersion } from "../function-configuration.ts";
import type { Dial } from "./batch-sender.ts";
import { Telemetry } from "./telemetry.ts";

export interface ReporterOptions {
  readonly configuration: FunctionConfiguration;
  readonly logStreamName: string;
  readonly clock: Clock;
  /** Hears of each line of the log. */
  readonly log: (line: LogLine) => void;
  readonly initializationType?: InitializationType;
  readonly profile?: Profile;
  /** Whether a port is the emulator's own, where no extension listens. */
  readonly reserved?: (port: number) => boolean;
  /** Reaches a port inside the environment, where that is another network than ours. */
  readonly dial?: Dial;
}

/** What was measured for a record, and whom it is about. */
export interface RecordContext {
  readonly maxMemoryUsedMb: number;
  readonly invocation?: InvocationFacts;
}

/** Everything that an environment tells of itself: its log, in one of two formats, and telemetry for its extensions. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #telemetry: Telemetry;
  readonly #log: EnvironmentLog;

  constructor(options: ReporterOptions) {
    const { clock, configuration, dial, log } = options;
    this.#options = options;
    this.#telemetry = new Telemetry({
      now: () => clock.now(),
      date: () => this.#date(),
      lost: (_name, event) => this.#writeEvent(event, "WARN"),
      ...(dial === undefined ? {} : { dial }),
    });
    const json = configuration.logFormat === "JSON";
    this.#log = new EnvironmentLog({
      line: log,
      read: ({ source, text }) => {
        if (source !== "platform") this.#telemetry.tell({ type: "line", category: source, text, json });
      },
      keeps: (line) => !json || line.source !== "function" || this.#logs(line),
      wholeLinesInTail: json,
    });
  }

  /** A piece of what a process wrote. */
  wrote(source: LogSource, stream: string, chunk: Buffer): void {
    this.#log.write(source, stream, chunk);
  }

  /** The process has ended and everything that it wrote has been read. */
  outputEnded(source: LogSource): void {
    this.#log.end(source);
  }

  record(record: PlatformRecord, context: RecordContext): void {
    const { configuration, logStreamName, initializationType = "on-demand" } = this.#options;
    const { functionName, memoryMb } = configuration;
    const facts: RecordFacts = {
      functionName,
      version: latestVersion,
      memoryMb,
      initializationType,
      logStreamName,
      dateOf: (at) => this.#dateOf(at),
      ...context,
    };
    const happening: Happening = { type: "record", record, facts };
    this.#telemetry.tell(happening);
    const style = (this.#options.profile ?? profiles.aws).logLines;
    const date = () => this.#date();
    if (configuration.logFormat === "Text") this.#log.platform(linesOf(record, { ...facts, style, date }));
    else this.#writeHappening(happening, recordLevel(record, facts));
  }

  /** Answers `PUT /telemetry` and `PUT /logs` of an extension that says who it is. */
  subscribe(environment: Environment, identifier: string, api: TelemetryApi, body: string): Answered {
    const extension = subscribing(environment, identifier, api);
    if ("status" in extension) return { by: "environment", refusal: extension };
    const { telemetry } = this.#options.profile ?? profiles.aws;
    const subscription = parseSubscription(body, api, telemetry === "2025-01-29" ? telemetry : undefined);
    if ("status" in subscription) return { by: "daemon", refusal: subscription };
    const { port } = subscription.destination;
    if (this.#options.reserved?.(port) === true) return { by: "daemon", refusal: reservedPort(api, port) };
    const happening = this.#telemetry.subscribe(extension, subscription);
    if (this.#options.configuration.logFormat === "Text") this.#log.platform([subscriptionLine(happening)]);
    else this.#writeHappening(happening, "INFO");
    return { by: "daemon", granted: happening.state };
  }

  keepTail(requestId: string): void {
    this.#log.keepTail(requestId);
  }

  takeTail(requestId: string): Buffer {
    return this.#log.takeTail(requestId);
  }

  /** Nobody in the environment hears anything until it is thawed. */
  freeze(): void {
    this.#telemetry.freeze();
  }

  thaw(): void {
    this.#telemetry.thaw();
  }

  /** Looks at the environment after each step. */
  follow(environment: Environment): void {
    this.#telemetry.follow(environment);
  }

  close(): void {
    this.#telemetry.close();
  }

  #logs({ text }: LogLine): boolean {
    return logs(this.#options.configuration.applicationLogLevel ?? "INFO", lineLevel(text));
  }

  #writeHappening(happening: Happening, level: SystemLogLevel): void {
    for (const event of eventsOf(happening, { api: "Telemetry", schemaVersion: "2022-12-13" }))
      this.#writeEvent({ time: this.#date(), ...event }, level);
  }

  /** A line of Lambda's own in JSON format; in Text format there is none for it. */
  #writeEvent(event: TelemetryEvent, level: SystemLogLevel): void {
    const { logFormat, systemLogLevel = "INFO" } = this.#options.configuration;
    if (logFormat === "JSON" && logs(systemLogLevel, level)) this.#log.platform([JSON.stringify(event)]);
  }

  #date(): string {
    return new Date(this.#options.clock.epochMs()).toISOString();
  }

  #dateOf(at: Instant): string {
    const { clock } = this.#options;
    return new Date(clock.epochMs() + (at - clock.now())).toISOString();
  }
}

/** Ours: that a port is reserved is documented (DG/telemetry-api.html), and how that is told is not. */
function reservedPort(api: TelemetryApi, port: number): Refusal {
  return { status: 403, errorType: `${api}.AccessDenied`, errorMessage: `Port ${port} is reserved.` };
}

/** Who answers, in the two ways that real refusals are written. */
export type Answered =
  | { readonly by: "daemon"; readonly granted: SubscriptionState }
  | { readonly by: "environment" | "daemon"; readonly refusal: Refusal };
