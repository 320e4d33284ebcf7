import { randomBytes } from "node:crypto";
import type { Environment } from "../core/environment/model.ts";
import { slotsOf } from "../core/environment/views.ts";
import { checkFunctionInvariants } from "../core/function/invariants.ts";
import { type EnvironmentId, type FunctionEffect, type FunctionInput, newFunction } from "../core/function/model.ts";
import { stepFunction } from "../core/function/step.ts";
import { type FaultPlan, type FaultPlanInput, parseFaultPlan } from "../faults/fault.ts";
import { machineClock } from "../platform/clock.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { type Debugging, type EnvironmentOptions, type Observer, rootOf } from "./environment-options.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import { FunctionFolders, MissingCodeError } from "./folders.ts";
import {
  type FunctionConfiguration,
  type FunctionConfigurationInput,
  InvalidConfigurationError,
  parseConfiguration,
} from "./function-configuration.ts";
import { type FunctionMode, type FunctionModeInput, initializationTypeOf, parseMode } from "./function-mode.ts";
import type { AcceptedInvocation, InvocationResult } from "./invocation.ts";
import type { ShadowedFile } from "./merge-layers.ts";
import { anyProgramProblem } from "./programs.ts";
import type { TakeStream } from "./response-stream.ts";
import { documentedPace, type StreamPace } from "./stream-pace.ts";
import type { NetworkMode } from "./supervisor/confinement.ts";
import { CannotConfineError, checkConfinement, type NotEnforced, notEnforced } from "./supervisor/enforcement.ts";
import { type Folders, type Isolation, isolationOfThisMachine } from "./supervisor/isolation.ts";
import { imageProblem } from "./supervisor/root-folder.ts";
import type { Supervisor, SupervisorEvents } from "./supervisor/supervisor.ts";

export interface FunctionOptions extends FunctionConfigurationInput, FunctionModeInput {
  /** Folder or zip with the function's code: `/var/task`. An image that is the root may bring its own. */
  readonly task?: string | undefined;
  /** Folders or zips, lowest first: `/opt`. */
  readonly layers?: readonly string[];
  /** Environments at once; the invocation beyond them is throttled. */
  readonly environmentsMax?: number;
  /** As much as this machine allows, unless told. */
  readonly isolation?: Isolation;
  /** The folder of an unpacked container image, in place of this machine's programs. */
  readonly root?: string | undefined;
  /** A network of its own for each environment, or this machine's. */
  readonly network?: NetworkMode | undefined;
  /**
   * Whether the function has all of the machine's processors outside Init, or the share that its memory buys. A share
   * when `memoryMb` is given: 128 MB that nobody chose would make everything fourteen times as slow.
   */
  readonly processors?: "all" | "share" | undefined;
  /** How long an environment may be idle before it is shut down, reason `spindown`. Ten minutes. */
  readonly idleTimeoutMs?: number;
  /** In place of Lambda's ten seconds. */
  readonly initTimeoutMs?: number;
  /** What goes wrong between each environment's API and its processes; counted in each environment for itself. */
  readonly faults?: FaultPlanInput | undefined;
  /** A debugger may attach to the runtime, if that is a Node: nothing times out then, and nothing is frozen. */
  readonly debugging?: Debugging | undefined;
  /** Slows streamed responses down to Lambda's documented speed after their first 6 MiB, or to another. */
  readonly streamPace?: "documented" | StreamPace | undefined;
  readonly observer?: (environmentId: EnvironmentId) => Observer;
  /** In place of real processes. */
  readonly supervise?: (events: SupervisorEvents) => Supervisor;
}

type CheckedOptions = Omit<FunctionOptions, "faults"> & { readonly faults?: FaultPlan | undefined };

/** The invocation was not run because every environment is busy; the service answers 429. */
export class ThrottledError extends Error {
  readonly code = "THROTTLED";
  readonly reason: string;

  constructor(reason: string) {
    super("Rate Exceeded.");
    this.reason = reason;
  }
}

/** The invocation was not run because the function is being closed. */
export class FunctionClosedError extends Error {
  readonly code = "FUNCTION_CLOSED";

  constructor() {
    super("Cannot invoke: the function has been closed");
  }
}

const environmentsMaxDefault = 10;

/** How long Lambda keeps an idle environment is not documented; this is long enough for somebody who tries things out. */
const idleTimeoutMsDefault = 600_000;

/** What front doors need of a function. */
export type Invocable = Pick<LambdaFunction, "configuration" | "invoke">;

/** A function of the emulated service: its configuration, its code, and the environments that run it. */
export class LambdaFunction {
  readonly configuration: FunctionConfiguration;
  readonly mode: FunctionMode;
  readonly isolation: Isolation;
  readonly #options: CheckedOptions;
  readonly #folders: FunctionFolders;
  readonly #environments = new Map<EnvironmentId, Promise<ExecutionEnvironment>>();
  /** Those that can be handed invocations at once. */
  readonly #open = new Map<EnvironmentId, ExecutionEnvironment>();
  /** What each said of itself last: most steps change nothing of it. */
  readonly #said = new Map<EnvironmentId, string>();
  /** How many invocations each was handed. */
  readonly #handed = new Map<EnvironmentId, number>();
  readonly #provisioned: Promise<void>[] = [];
  readonly #idleAlarms = new Map<EnvironmentId, NodeJS.Timeout>();
  #placement: ReturnType<typeof newFunction>;
  #closed = false;

  private constructor(
    options: CheckedOptions,
    configuration: FunctionConfiguration,
    mode: FunctionMode,
    folders: FunctionFolders,
  ) {
    this.#options = options;
    this.configuration = configuration;
    this.mode = mode;
    this.#folders = folders;
    this.isolation = options.isolation ?? isolationOfThisMachine();
    const { environmentsMax = environmentsMaxDefault, idleTimeoutMs = idleTimeoutMsDefault } = options;
    this.#placement = newFunction({ environmentsMax, invocationsMax: mode.maxConcurrency ?? 1, idleTimeoutMs });
  }

  /**
   * Checks the configuration and lays out the code. But for provisioned ones, which begin to initialise now, no
   * environment exists until something asks for one.
   */
  static async create(options: FunctionOptions): Promise<LambdaFunction> {
    const { task, layers = [], environmentsMax = environmentsMaxDefault, isolation, ...others } = options;
    const { debugging, faults, idleTimeoutMs, initTimeoutMs, observer, streamPace, supervise, ...inputs } = others;
    const { profile, maxConcurrency, provisioned, snapStart, network, processors, root, ...input } = inputs;
    checkOwnNumbers({ environmentsMax, idleTimeoutMs, initTimeoutMs });
    const mode = parseMode({ profile, maxConcurrency, provisioned, snapStart }, environmentsMax);
    const configuration = parseConfiguration(input, mode.profile.managed);
    checkDebugging(debugging, network);
    const checked = { ...options, faults: faults && parseFaultPlan(faults) };
    checkRoot(root);
    const folders = await FunctionFolders.prepare({ task, layers, root });
    const lambda = new LambdaFunction(checked, configuration, mode, folders);
    try {
      checkConfinement(lambda.#asked);
    } catch (error) {
      folders.remove();
      throw error;
    }
    if (mode.provisioned > 0) lambda.#step({ type: "provision", count: mode.provisioned });
    return lambda;
  }

  /** Resolves when every provisioned environment has initialised, well or badly. */
  async provisioned(): Promise<void> {
    await Promise.all(this.#environments.values());
    await Promise.all(this.#provisioned);
  }

  /** Why its bootstrap or an extension cannot run here, in a sentence; undefined when all of them can. */
  get problem(): string | undefined {
    return anyProgramProblem(this.#code);
  }

  /** What this machine cannot keep of the function's confinement. */
  get notEnforced(): readonly NotEnforced[] {
    return notEnforced(this.#asked);
  }

  get network(): NetworkMode {
    return this.#asked.network;
  }

  /** Files of layers that later layers cover. */
  get shadowed(): readonly ShadowedFile[] {
    return this.#folders.shadowed;
  }

  /** Files of the code that Lambda's user cannot read, as nobody but their owner may. */
  get unreadable(): readonly string[] {
    return this.#folders.unreadable;
  }

  get #code(): Omit<Folders, "tmp"> {
    const { task, opt } = this.#folders;
    return { task, opt, root: this.#options.root };
  }

  get #asked() {
    const { memoryMb, root, network = "host" } = this.#options;
    const processors = this.#options.processors ?? (memoryMb === undefined ? "all" : "share");
    const { isolation, configuration } = this;
    return {
      isolation,
      network,
      processors,
      root: rootOf({ root }),
      memoryMb: configuration.memoryMb,
      tmpMb: configuration.tmpMb,
    } as const;
  }

  /**
   * Runs the invocation in an environment of its own; throws `ThrottledError` when there is none to be had
   * and `FunctionClosedError` when there will be none. With
   * `streamed`, a response that the runtime streams goes there, and the result tells only how it ended.
   */
  async invoke(invocation: AcceptedInvocation, streamed?: TakeStream): Promise<PlacedInvocation> {
    if (this.#closed) throw new FunctionClosedError();
    const { requestId, tenantId } = invocation;
    const apart = this.configuration.tenantIsolationMode !== undefined && tenantId !== undefined;
    const decision = this.#step({ type: "invoke", requestId, ...(apart ? { tenantId } : {}) });
    if (decision.type === "throttle") throw new ThrottledError(decision.reason);
    return await this.#run(decision.environmentId, invocation, streamed);
  }

  /** The environments that exist, oldest first. */
  async environments(): Promise<readonly ExecutionEnvironment[]> {
    return Promise.all(this.#environments.values());
  }

  /** Shuts every environment down and removes what was unpacked. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const alarm of this.#idleAlarms.values()) clearTimeout(alarm);
    const environments = await Promise.all(this.#environments.values());
    await Promise.all(environments.map((environment) => environment.close()));
    this.#folders.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(
    environmentId: EnvironmentId,
    invocation: AcceptedInvocation,
    streamed: TakeStream | undefined,
  ): Promise<PlacedInvocation> {
    // At once where it is open, so that nothing happens to it between the decision and the invocation.
    const environment = this.#open.get(environmentId) ?? (await this.#environment(environmentId));
    if (this.#closed) throw new FunctionClosedError();
    this.#handed.set(environmentId, (this.#handed.get(environmentId) ?? 0) + 1);
    try {
      const result = await environment.invoke(invocation, streamed);
      const { requestId } = invocation;
      // An error may have left a runtime that never asks again.
      const waits = this.mode.profile.answers === "after-phase" && result.functionError === undefined;
      if (waits) await environment.ended(requestId);
      return { ...result, logTail: environment.ended(requestId).then(() => environment.takeTail(requestId)) };
    } finally {
      this.#report(environmentId, environment.state);
    }
  }

  async #environment(environmentId: EnvironmentId): Promise<ExecutionEnvironment> {
    const environment = await this.#environments.get(environmentId);
    if (environment === undefined)
      throw new Error(`Cannot happen: environment ${environmentId} was placed but never created`);
    return environment;
  }

  /** Tells placement how an environment stands; one that has closed by itself is buried. */
  #report(environmentId: EnvironmentId, state: Environment): void {
    if (this.#closed) return;
    const { at } = state.phase;
    const accepted = this.#handed.get(environmentId) ?? 0;
    const idle = at === "idle" || at === "snapshot" || at === "cold";
    const said = `${slotsOf(state)} ${accepted} ${idle}`;
    if (said !== this.#said.get(environmentId)) {
      this.#said.set(environmentId, said);
      this.#step({ type: "environment-slots", environmentId, slots: slotsOf(state), accepted, idle });
    }
    if (at === "closed") void this.#bury(environmentId);
  }

  /** Takes one step of placement and carries it out; says where an invocation goes, or that it goes nowhere. */
  #step(input: FunctionInput & { type: "invoke" }): Decision;
  #step(input: FunctionInput): Decision | undefined;
  #step(input: FunctionInput): Decision | undefined {
    const [placement, effects] = stepFunction(this.#placement, input, machineClock.now());
    checkFunctionInvariants(placement);
    this.#placement = placement;
    let decision: Decision | undefined;
    for (const effect of effects) decision = this.#perform(effect) ?? decision;
    return decision;
  }

  #perform(effect: FunctionEffect): Decision | undefined {
    const { type } = effect;
    switch (type) {
      case "create-environment":
        this.#environments.set(effect.environmentId, this.#create(effect.environmentId, effect.provisioned));
        return undefined;
      case "place-invocation":
      case "throttle":
        return effect;
      case "set-idle-alarm":
        this.#setIdleAlarm(effect);
        return undefined;
      case "clear-idle-alarm":
        clearTimeout(this.#idleAlarms.get(effect.environmentId));
        this.#idleAlarms.delete(effect.environmentId);
        return undefined;
      case "close-environment":
        void this.#bury(effect.environmentId);
        return undefined;
      default:
        return unreachable(type);
    }
  }

  /** Nothing waits for it: a process that has nothing else to do may end. */
  #setIdleAlarm({ environmentId, at }: FunctionEffect & { type: "set-idle-alarm" }): void {
    const ring = () => this.#step({ type: "idle-alarm", environmentId });
    this.#idleAlarms.set(environmentId, setTimeout(ring, Math.max(0, at - machineClock.now())).unref());
  }

  /** Ends an environment if it has not ended by itself, gives back what it held, and forgets it. */
  async #bury(environmentId: EnvironmentId): Promise<void> {
    const environment = this.#open.get(environmentId);
    if (environment === undefined) return;
    this.#open.delete(environmentId);
    await environment.close();
    this.#folders.removeTmp(environmentId);
    this.#environments.delete(environmentId);
    this.#handed.delete(environmentId);
    this.#said.delete(environmentId);
    if (!this.#closed) this.#step({ type: "environment-closed", environmentId });
  }

  async #create(environmentId: EnvironmentId, provisioned: boolean): Promise<ExecutionEnvironment> {
    const environment = await ExecutionEnvironment.open(this.#environmentOptions(environmentId, provisioned));
    this.#open.set(environmentId, environment);
    if (provisioned && !this.#closed) this.#provisioned.push(environment.init());
    return environment;
  }

  #environmentOptions(environmentId: EnvironmentId, provisioned: boolean): EnvironmentOptions {
    const { network, processors } = this.#asked;
    const { debugging, faults, initTimeoutMs, streamPace, supervise, observer } = this.#options;
    return {
      configuration: this.configuration,
      folders: { ...this.#code, tmp: this.#folders.makeTmp(environmentId) },
      isolation: this.isolation,
      network,
      processors,
      clock: machineClock,
      logStreamName: logStreamName(new Date(machineClock.epochMs())),
      observer: observer?.(environmentId) ?? {},
      changed: (state) => this.#report(environmentId, state),
      profile: this.mode.profile,
      initializationType: initializationTypeOf(this.mode, provisioned),
      concurrency: this.mode.maxConcurrency,
      debugging,
      faults,
      streamPace: streamPace === "documented" ? documentedPace : streamPace,
      ...(initTimeoutMs === undefined ? {} : { initTimeoutMs }),
      ...(supervise === undefined ? {} : { supervise }),
    };
  }
}

/** Numbers that are this emulator's own. */
function checkOwnNumbers(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [field, value] of Object.entries(numbers)) {
    if (value === undefined || (value >= 0 && !Number.isNaN(value))) continue;
    throw new InvalidConfigurationError(field, "a number from 0");
  }
}

/** A debugger connects to a port of this machine, and in a network of its own nobody would hear it. */
function checkDebugging(debugging: Debugging | undefined, network: NetworkMode = "host"): void {
  if (debugging === undefined || network === "host") return;
  throw new CannotConfineError(`Cannot debug in the network "${network}", which no debugger reaches: use "host"`);
}

function checkRoot(root: string | undefined): void {
  const problem = root === undefined ? undefined : imageProblem(root);
  if (problem !== undefined) throw new MissingCodeError(problem);
}

/** What placement says about an invocation. */
type Decision = FunctionEffect & { type: "place-invocation" | "throttle" };

/** A result, and what can be had when the Invoke phase is over. */
export interface PlacedInvocation extends InvocationResult {
  readonly logTail: Promise<Buffer>;
}

/** `YYYY/MM/DD/[version]` and 32 hexadecimal digits. DG/monitoring-cloudwatchlogs.html */
function logStreamName(date: Date): string {
  const day = date.toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
}
