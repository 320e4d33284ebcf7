import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Effect, Outcome } from "../core/environment/effect.ts";
import type { CallId, Environment, ProcessName } from "../core/environment/model.ts";
import { linesOf } from "../core/telemetry/lines.ts";
import type { PlatformRecord } from "../core/telemetry/record.ts";
import type { Clock } from "../platform/clock.ts";
import { limits } from "../protocol/limits.ts";
import { invariant, unreachable } from "../protocol/unreachable.ts";
import { Calls } from "./api/calls.ts";
import { extensionsApi } from "./api/extensions-api.ts";
import { renderAnswer } from "./api/render-answer.ts";
import { runtimeApi } from "./api/runtime-api.ts";
import { ApiServer } from "./api/server.ts";
import { Driver } from "./driver.ts";
import { EnvironmentLog, type LogLine } from "./environment-log.ts";
import { extensionVariables, runtimeVariables, type VariableFacts } from "./environment-variables.ts";
import { type FunctionConfiguration, latestVersion } from "./function-configuration.ts";
import type { AcceptedInvocation, InvocationResult } from "./invocation.ts";
import type { JournalEntry } from "./journal.ts";
import { outputRead } from "./output-read.ts";
import type { Folders, Isolation } from "./supervisor/isolation.ts";
import { Processes } from "./supervisor/processes.ts";
import type { Supervisor, SupervisorEvents } from "./supervisor/supervisor.ts";

/** Whoever wants to see what happens in an environment. */
export interface Observer {
  /** A line of the environment's log stream. */
  log?(line: LogLine): void;
  /** A platform record, as the step made it. */
  record?(record: PlatformRecord): void;
  /** After each input, with what was done about it. */
  stepped?(entry: JournalEntry, effects: readonly Effect[], environment: Environment): void;
}

export interface EnvironmentOptions {
  readonly configuration: FunctionConfiguration;
  readonly folders: Folders;
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly logStreamName: string;
  readonly observer: Observer;
  /** In place of real processes. */
  readonly supervise?: (events: SupervisorEvents) => Supervisor;
}

interface Waiter {
  readonly invocation: AcceptedInvocation;
  readonly resolve: (result: InvocationResult) => void;
}

/** Where a bootstrap is looked for, in order. DG/runtimes-custom.html */
const bootstrapPaths = ["/var/task/bootstrap", "/opt/bootstrap"] as const;

/** One execution environment in the real world: the core's decisions, carried out with sockets, processes and a clock. */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #driver: Driver;
  readonly #api: ApiServer;
  readonly #calls: Calls;
  readonly #supervisor: Supervisor;
  readonly #log: EnvironmentLog;
  readonly #invocations = new Map<string, Waiter>();
  readonly #deadlines = new Map<number, number>();
  readonly #accountIdAsked = new Set<CallId>();
  readonly #settled: (() => void)[] = [];
  #address = "";
  #peakMemoryBytes = 0;

  private constructor(options: EnvironmentOptions) {
    const { folders, isolation, observer } = options;
    this.#options = options;
    this.#log = new EnvironmentLog((line) => observer.log?.(line));
    this.#calls = new Calls((call) => this.#driver.accept({ type: "call-dropped", call }));
    const events = this.#supervisorEvents();
    this.#supervisor = options.supervise?.(events) ?? new Processes(isolation, folders, events);
    this.#driver = new Driver(settingsOf(options), {
      now: () => options.clock.now(),
      perform: (effect) => this.#perform(effect),
      settled: (entry, effects, environment) => this.#afterStep(entry, effects, environment),
    });
    this.#api = new ApiServer([
      ...runtimeApi(this.#calls, (input) => this.#driver.accept(input)),
      ...extensionsApi(
        this.#calls,
        (input) => this.#driver.accept(input),
        (call) => this.#accountIdAsked.add(call),
      ),
    ]);
  }

  /** Makes an environment in which nothing runs yet, with its own API on a free port of the loopback address. */
  static async open(options: EnvironmentOptions): Promise<ExecutionEnvironment> {
    const environment = new ExecutionEnvironment(options);
    environment.#address = await environment.#api.listen("127.0.0.1", 0);
    return environment;
  }

  get journal(): readonly JournalEntry[] {
    return this.#driver.journal;
  }

  get state(): Environment {
    return this.#driver.environment;
  }

  /** `host:port` of the environment's API, the value of `AWS_LAMBDA_RUNTIME_API`. */
  get api(): string {
    return this.#address;
  }

  /** Runs the Init phase ahead of any invocation; resolves when it has succeeded or failed. */
  async init(): Promise<void> {
    this.#driver.accept({ type: "init" });
    await this.available();
  }

  /** Resolves with what the caller gets, as soon as the caller gets it. The phase may still run: see `available`. */
  invoke(invocation: AcceptedInvocation): Promise<InvocationResult> {
    const { requestId, invocationId } = invocation;
    return new Promise((resolve) => {
      this.#invocations.set(requestId, { invocation, resolve });
      this.#log.keepTail(requestId);
      this.#driver.accept({ type: "invoke", requestId, invocationId });
    });
  }

  /** The log tail of an invocation whose phase has ended; it can be taken once. */
  takeTail(requestId: string): Buffer {
    return this.#log.takeTail(requestId);
  }

  /** Resolves when the environment could take an invocation (or is closed), and its log is written so far. */
  async available(): Promise<void> {
    while (!restful(this.state)) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  /** Shuts everything down and gives the port back. */
  async close(): Promise<void> {
    this.#driver.accept({ type: "shutdown" });
    while (this.state.phase.at !== "closed") await new Promise<void>((resolve) => this.#settled.push(resolve));
    this.#supervisor.close();
    await this.#api.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #perform(effect: Exclude<Effect, { type: "set-alarm" | "clear-alarm" }>): void {
    switch (effect.type) {
      case "start-process":
        return this.#start(effect.process);
      case "signal-process":
        return this.#supervisor.signal(effect.process, effect.signal);
      case "freeze":
        return this.#supervisor.freeze();
      case "thaw":
        return this.#supervisor.thaw();
      case "answer-call":
        return this.#answer(effect);
      case "refuse-call":
        return this.#calls.take(effect.call)?.refuse(effect.refusal);
      case "complete-invocation":
        return this.#complete(effect.requestId, effect.outcome);
      case "record":
        return this.#record(effect.record);
      default:
        return unreachable(effect);
    }
  }

  #afterStep(entry: JournalEntry, effects: readonly Effect[], environment: Environment): void {
    this.#options.observer.stepped?.(entry, effects, environment);
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #start(name: ProcessName): void {
    const { folders, isolation, configuration, logStreamName } = this.#options;
    const mounted = isolation.kind === "mounts";
    const [taskRoot, optRoot] = mounted ? ["/var/task", "/opt"] : [folders.task, folders.opt];
    const facts: VariableFacts = { configuration, api: this.#address, logStreamName, taskRoot, optRoot };
    if (name === "runtime") {
      this.#calls.forgetPayloads();
      return this.#supervisor.start({ name, program: this.#bootstrap(), env: runtimeVariables(facts) });
    }
    const program = `/opt/extensions/${name.slice("extension:".length)}`;
    this.#supervisor.start({ name, program, env: extensionVariables(facts) });
  }

  #bootstrap(): string {
    const { task, opt } = this.#options.folders;
    return existsSync(join(task, "bootstrap")) || !existsSync(join(opt, "bootstrap"))
      ? bootstrapPaths[0]
      : bootstrapPaths[1];
  }

  #answer(effect: Effect & { type: "answer-call" }): void {
    const exchange = this.#calls.take(effect.call);
    if (exchange === undefined) return;
    const { functionName, handler, accountId } = this.#options.configuration;
    renderAnswer(exchange, effect.answer, {
      functionName,
      functionVersion: latestVersion,
      handler,
      ...(this.#accountIdAsked.delete(effect.call) ? { accountId } : {}),
      invocation: (requestId) => this.#waiter(requestId).invocation,
      epochOf: (at) => this.#epochOf(at),
    });
  }

  /** The same date for everybody who is told of the same instant, whatever the clocks do in between. */
  #epochOf(at: number): number {
    const { clock } = this.#options;
    const known = this.#deadlines.get(at) ?? Math.round(clock.epochMs() + (at - clock.now()));
    this.#deadlines.clear();
    this.#deadlines.set(at, known);
    return known;
  }

  #complete(requestId: string, outcome: Outcome): void {
    const { resolve } = this.#waiter(requestId);
    const functionError = "Unhandled";
    switch (outcome.type) {
      case "response":
        return resolve({ payload: this.#calls.takePayload(outcome.payloadOf) });
      case "error":
        return resolve({ payload: this.#calls.takePayload(outcome.payloadOf), functionError });
      case "fault":
        return resolve({ payload: Buffer.from(JSON.stringify(outcome.error)), functionError });
      default:
        return unreachable(outcome);
    }
  }

  #waiter(requestId: string): Waiter {
    const waiter = this.#invocations.get(requestId);
    invariant(waiter !== undefined, "an invocation in hand is known to its environment");
    return waiter;
  }

  #record(record: PlatformRecord): void {
    const { memoryMb } = this.#options.configuration;
    // Of a process that has crashed nothing can be read any more, so the highest figure so far stands.
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, this.#supervisor.peakMemoryBytes() ?? 0);
    const maxMemoryUsedMb = Math.ceil(this.#peakMemoryBytes / (1024 * 1024));
    const facts = { memoryMb, version: latestVersion, maxMemoryUsedMb };
    this.#options.observer.record?.(record);
    this.#log.platform(linesOf(record, facts));
    if (record.type === "platform.report") this.#invocations.delete(record.requestId);
  }

  #supervisorEvents(): SupervisorEvents {
    const source = (name: ProcessName) =>
      name === "runtime"
        ? ({ source: "function" } as const)
        : ({ source: "extension", name: name.slice("extension:".length) } as const);
    return {
      exited: async (name, exit) => {
        await outputRead();
        this.#driver.accept({ type: "process-exited", process: name, exit });
      },
      outputEnded: (name) => this.#log.end(source(name)),
      startFailed: (name, reason) => this.#driver.accept({ type: "process-start-failed", process: name, reason }),
      wrote: (name, stream, chunk) => this.#log.write(source(name), stream, chunk),
    };
  }
}

function settingsOf({ configuration, folders }: EnvironmentOptions) {
  return {
    timeoutMs: configuration.timeoutMs,
    initTimeoutMs: limits.initTimeoutMs,
    externalExtensions: externalExtensions(join(folders.opt, "extensions")),
    invocationsMax: 1,
  };
}

/** Every entry of /opt/extensions that is not a folder, in alphabetical order. RIE agents/agent.go */
function externalExtensions(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function restful({ phase }: Environment): boolean {
  return phase.at === "idle" || phase.at === "cold" || phase.at === "closed";
}
