import type { Effect } from "../core/environment/effect.ts";
import type { CallId, Environment, ProcessName } from "../core/environment/model.ts";
import type { PlatformRecord } from "../core/telemetry/record.ts";
import type { FiredFault } from "../faults/fault-injector.ts";
import { type Profile, profiles } from "../protocol/profile.ts";
import { withTransitionReason } from "../protocol/refusal.ts";
import { invariant, unreachable } from "../protocol/unreachable.ts";
import { Calls } from "./api/calls.ts";
import { extensionsApi } from "./api/extensions-api.ts";
import { renderAnswer } from "./api/render-answer.ts";
import { runtimeApi } from "./api/runtime-api.ts";
import type { Route } from "./api/server.ts";
import { snapshotApi } from "./api/snapshot-api.ts";
import { telemetryApi } from "./api/telemetry-api.ts";
import { Credentials } from "./credentials.ts";
import { Driver } from "./driver.ts";
import { EnvironmentApi, type FaultyConnections } from "./environment-api.ts";
import { sourceOf } from "./environment-log.ts";
import { confinementOf, type EnvironmentOptions, settingsOf, tellsMemory } from "./environment-options.ts";
import { Epoch } from "./epoch.ts";
import { latestVersion } from "./function-configuration.ts";
import type { AcceptedInvocation, InvocationResult } from "./invocation.ts";
import { InvocationsInHand } from "./invocations-in-hand.ts";
import type { JournalEntry, JournalFault, JournalLostWork } from "./journal.ts";
import { PeakMemory } from "./peak-memory.ts";
import { processSpec } from "./process-spec.ts";
import type { TakeStream } from "./response-stream.ts";
import type { LostWork } from "./supervisor/lost-work.ts";
import { Processes } from "./supervisor/processes.ts";
import type { Supervisor, SupervisorEvents } from "./supervisor/supervisor.ts";
import { Reporter } from "./telemetry/reporter.ts";

/** One execution environment in the real world: the core's decisions, carried out with sockets, processes and a clock. */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #profile: Profile;
  readonly #credentials: Credentials;
  readonly #driver: Driver;
  readonly #calls: Calls;
  readonly #supervisor: Supervisor;
  readonly #reporter: Reporter;
  readonly #invocations: InvocationsInHand;
  readonly #epoch: Epoch;
  readonly #accountIdAsked = new Set<CallId>();
  readonly #settled: (() => void)[] = [];
  readonly #faults: JournalFault[] = [];
  readonly #lost: JournalLostWork[] = [];
  readonly #peakMemory: PeakMemory;
  #api: EnvironmentApi | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: EnvironmentOptions) {
    const { observer, clock, profile = profiles.aws } = options;
    this.#options = options;
    this.#profile = profile;
    this.#credentials = new Credentials(options.configuration.environment, clock);
    this.#epoch = new Epoch(clock);
    this.#reporter = new Reporter({
      ...options,
      dial: (port) => this.#opened.dial(port),
      reserved: (port) => this.#opened.reserved(port),
      log: (line) => observer.log?.(line),
    });
    this.#calls = new Calls((call) => this.#driver.accept({ type: "call-dropped", call }));
    this.#invocations = new InvocationsInHand(
      (call) => this.#calls.takePayload(call),
      { timeoutPayload: profile.timeoutPayload, clock },
      options.streamPace,
    );
    const events = this.#supervisorEvents();
    this.#supervisor = options.supervise?.(events) ?? new Processes(confinementOf(options), events);
    this.#peakMemory = new PeakMemory(() => (tellsMemory(options) ? this.#supervisor.peakMemoryBytes() : undefined));
    this.#driver = new Driver(settingsOf(options), {
      now: () => clock.now(),
      perform: (effect) => this.#perform(effect),
      settled: (entry, effects, environment) => this.#afterStep(entry, effects, environment),
    });
  }

  /** Makes an environment in which nothing runs yet, with its own API on a free port of the loopback address. */
  static async open(options: EnvironmentOptions): Promise<ExecutionEnvironment> {
    const environment = new ExecutionEnvironment(options);
    try {
      const door = await environment.#supervisor.door?.();
      environment.#api = await EnvironmentApi.open(environment.#routes(), door, environment.#faultyConnections());
      return environment;
    } catch (error) {
      await environment.#supervisor.close();
      throw error;
    }
  }

  /** The latest inputs, oldest first: all of them in an environment that has not lived long. */
  get journal(): readonly JournalEntry[] {
    return this.#driver.journal;
  }

  /** The faults of the plan that were carried out, oldest first. */
  get faults(): readonly JournalFault[] {
    return this.#faults;
  }

  /** What freezes have interrupted, and when that was found, oldest first. */
  get lost(): readonly JournalLostWork[] {
    return this.#lost;
  }

  /** What a freeze has interrupted so far, once the environment has settled; a freeze follows each Invoke phase. */
  async lostWork(): Promise<readonly LostWork[]> {
    await this.#supervisor.settled?.();
    return this.#lost.map(({ lostWork }) => lostWork);
  }

  get state(): Environment {
    return this.#driver.environment;
  }

  /** `host:port` of the environment's API, the value of `AWS_LAMBDA_RUNTIME_API`. */
  get api(): string {
    return this.#opened.address;
  }

  /** Runs the Init phase ahead of any invocation; resolves when it has succeeded or failed. */
  async init(): Promise<void> {
    this.#driver.accept({ type: "init" });
    await this.available();
  }

  /**
   * Resolves with what the caller gets, as soon as the caller gets it. The phase may still run: see `available`. With
   * `streamed`, a response that the runtime streams goes there instead, from its first byte on.
   */
  async invoke(invocation: AcceptedInvocation, streamed?: TakeStream): Promise<InvocationResult> {
    const { requestId, invocationId } = invocation;
    const result = this.#invocations.add(invocation, streamed);
    this.#reporter.keepTail(requestId);
    this.#driver.accept({ type: "invoke", requestId, invocationId });
    return result;
  }

  /** The log tail of an invocation whose phase has ended; it can be taken once. */
  takeTail(requestId: string): Buffer {
    return this.#reporter.takeTail(requestId);
  }

  /** Stops its processes, whatever they do: what the core does by itself between invocations. */
  async freeze(): Promise<void> {
    this.#reporter.freeze();
    this.#supervisor.freeze();
    await this.#supervisor.settled?.();
  }

  thaw(): void {
    this.#supervisor.thaw();
    this.#reporter.thaw();
  }

  /** Resolves when the environment could take an invocation (or is closed), and its log is written so far. */
  async available(): Promise<void> {
    while (!restful(this.state)) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  /** Resolves when nothing is in hand of an invocation any more: its phase is over, and its log is written. */
  async ended(requestId: string): Promise<void> {
    while (Object.hasOwn(this.state.invocations, requestId)) {
      await new Promise<void>((resolve) => this.#settled.push(resolve));
    }
  }

  /** Shuts everything down and gives the port back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#driver.accept({ type: "shutdown" });
    while (this.state.phase.at !== "closed") await new Promise<void>((resolve) => this.#settled.push(resolve));
    await this.#supervisor.close();
    this.#reporter.close();
    await this.#api?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #opened(): EnvironmentApi {
    invariant(this.#api !== undefined, "nothing runs in an environment before its API is open");
    return this.#api;
  }

  #routes(): readonly Route[] {
    const accept = this.#driver.accept.bind(this.#driver);
    const snapStart = this.#options.initializationType === "snap-start";
    return [
      ...runtimeApi(this.#calls, accept, this.#profile),
      ...(snapStart ? snapshotApi(this.#calls, accept, this.#credentials) : []),
      ...extensionsApi(this.#calls, accept, (call) => this.#accountIdAsked.add(call)),
      ...telemetryApi(this.#profile, (identifier, api, body) =>
        this.#reporter.subscribe(this.state, identifier, api, body),
      ),
    ];
  }

  #faultyConnections(): FaultyConnections | undefined {
    const { clock, observer, faults: plan } = this.#options;
    if (plan === undefined) return undefined;
    const fired = (fault: FiredFault) => {
      const entry = { at: clock.now(), fault };
      this.#faults.push(entry);
      observer.faulted?.(entry);
    };
    return { plan, fired };
  }

  #perform(effect: Exclude<Effect, { type: "set-alarm" | "clear-alarm" }>): void {
    switch (effect.type) {
      case "start-process":
        return this.#start(effect.process);
      case "signal-process":
        return this.#supervisor.signal(effect.process, effect.signal);
      case "share-processors":
        return this.#supervisor.processors?.(effect.share);
      case "freeze":
        // A debugger asks when it likes, and a frozen runtime would not answer.
        if (this.#options.debugging !== undefined) return undefined;
        this.#reporter.freeze();
        return this.#supervisor.freeze();
      case "thaw":
        return this.thaw();
      case "answer-call":
        return this.#answer(effect);
      case "refuse-call":
        return this.#calls.refuse(effect.call, withTransitionReason(effect.refusal, this.#profile.transitionReason));
      case "begin-stream":
        return this.#beginStream(effect.requestId, effect.call);
      case "complete-invocation":
        return this.#invocations.complete(effect.requestId, effect.outcome);
      case "record":
        return this.#record(effect.record);
      default:
        return unreachable(effect);
    }
  }

  #afterStep(entry: JournalEntry, effects: readonly Effect[], environment: Environment): void {
    this.#reporter.follow(environment);
    this.#calls.forgetTaken();
    this.#invocations.keepOnly((requestId) => Object.hasOwn(environment.invocations, requestId));
    this.#options.observer.stepped?.(entry, effects, environment);
    this.#options.changed?.(environment);
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #start(name: ProcessName): void {
    if (name === "runtime") this.#calls.forgetPayloads();
    this.#supervisor.start(processSpec(name, this.#options, this.api, this.#credentials.token));
  }

  #beginStream(requestId: string, call: CallId): void {
    this.#calls.passTo(call, this.#invocations.beginStream(requestId, this.#calls.contentTypeOf(call)));
  }

  #answer({ call, answer }: Effect & { type: "answer-call" }): void {
    const exchange = this.#calls.take(call);
    if (exchange === undefined) return;
    const { functionName, handler, accountId } = this.#options.configuration;
    renderAnswer(exchange, answer, {
      functionName,
      functionVersion: latestVersion,
      handler,
      profile: this.#profile,
      ...(this.#accountIdAsked.delete(call) ? { accountId } : {}),
      invocation: (requestId) => this.#invocations.get(requestId),
      epochOf: (at) => this.#epoch.ms(at),
    });
  }

  #record(record: PlatformRecord): void {
    const maxMemoryUsedMb = this.#peakMemory.mbAt(record);
    this.#options.observer.record?.(record);
    const invocation = "requestId" in record ? { invocation: this.#invocations.get(record.requestId) } : {};
    this.#reporter.record(record, { maxMemoryUsedMb, ...invocation });
  }

  #supervisorEvents(): SupervisorEvents {
    return {
      exited: async (name, exit) => {
        await this.#opened.everythingRead();
        this.#driver.accept({ type: "process-exited", process: name, exit });
      },
      outputEnded: (name) => this.#reporter.outputEnded(sourceOf(name)),
      lostWork: (lost) => {
        const at = this.#options.clock.now();
        this.#lost.push(...lost.map((lostWork) => ({ at, lostWork })));
        this.#options.observer.lostWork?.(lost);
      },
      startFailed: (name, reason) => this.#driver.accept({ type: "process-start-failed", process: name, reason }),
      wrote: (name, stream, chunk) => this.#reporter.wrote(sourceOf(name), stream, chunk),
    };
  }
}

function restful({ phase }: Environment): boolean {
  return phase.at === "idle" || phase.at === "snapshot" || phase.at === "cold" || phase.at === "closed";
}
