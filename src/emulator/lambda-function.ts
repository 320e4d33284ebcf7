import { randomBytes } from "node:crypto";
import type { Environment } from "../core/environment/model.ts";
import type { EnvironmentId } from "../core/function/model.ts";
import { machineClock } from "../platform/clock.ts";
import type { EnvironmentOptions } from "./environment-options.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import { FunctionFolders } from "./folders.ts";
import type { FunctionConfiguration } from "./function-configuration.ts";
import { type FunctionMode, initializationTypeOf } from "./function-mode.ts";
import { type CheckedFunction, checkFunction, type FunctionOptions } from "./function-options.ts";
import { type AcceptedInvocation, FunctionClosedError, type PlacedInvocation } from "./invocation.ts";
import type { ShadowedFile } from "./merge-layers.ts";
import { Placement } from "./placement.ts";
import { anyProgramProblem } from "./programs.ts";
import type { TakeStream } from "./response-stream.ts";
import type { NetworkMode } from "./supervisor/confinement.ts";
import { type NotEnforced, notEnforced } from "./supervisor/enforcement.ts";
import type { Folders, Isolation } from "./supervisor/isolation.ts";

/** What front doors need of a function. */
export type Invocable = Pick<LambdaFunction, "configuration" | "invoke">;

/** A function of the emulated service: its configuration, its code, and the environments that run it. */
export class LambdaFunction {
  readonly #checked: CheckedFunction;
  readonly #folders: FunctionFolders;
  readonly #observer: FunctionOptions["observer"];
  readonly #environments = new Map<EnvironmentId, Promise<ExecutionEnvironment>>();
  /** Those that can be handed invocations at once. */
  readonly #open = new Map<EnvironmentId, ExecutionEnvironment>();
  readonly #provisioned: Promise<void>[] = [];
  readonly #placement: Placement;
  #closed = false;

  private constructor(checked: CheckedFunction, folders: FunctionFolders, observer: FunctionOptions["observer"]) {
    this.#checked = checked;
    this.#folders = folders;
    this.#observer = observer;
    const { environmentsMax, idleTimeoutMs, mode } = checked;
    const settings = { environmentsMax, idleTimeoutMs, invocationsMax: mode.maxConcurrency ?? 1 };
    this.#placement = new Placement(settings, {
      create: (environmentId, provisioned) => this.#create(environmentId, provisioned),
      close: (environmentId) => void this.#bury(environmentId),
    });
  }

  /**
   * Checks the options and lays out the code. But for provisioned ones, which begin to initialise now, no environment
   * exists until something asks for one.
   */
  static async create(options: FunctionOptions): Promise<LambdaFunction> {
    const checked = checkFunction(options);
    const { task, layers = [], root, observer } = options;
    const { quotas } = checked.mode.profile;
    const folders = await FunctionFolders.prepare({ task, layers, root, measured: quotas && root === undefined });
    const lambda = new LambdaFunction(checked, folders, observer);
    lambda.#placement.provision(checked.mode.provisioned);
    return lambda;
  }

  get configuration(): FunctionConfiguration {
    return this.#checked.configuration;
  }

  get mode(): FunctionMode {
    return this.#checked.mode;
  }

  get isolation(): Isolation {
    return this.#checked.confinement.isolation;
  }

  get network(): NetworkMode {
    return this.#checked.confinement.network;
  }

  /** What this machine cannot keep of the function's confinement. */
  get notEnforced(): readonly NotEnforced[] {
    return notEnforced(this.#checked.confinement);
  }

  /** Why its bootstrap or an extension cannot run here, in a sentence; undefined when all of them can. */
  get problem(): string | undefined {
    return anyProgramProblem(this.#code);
  }

  /** Files of layers that later layers cover. */
  get shadowed(): readonly ShadowedFile[] {
    return this.#folders.shadowed;
  }

  /** Files of the code that Lambda's user cannot read, as nobody but their owner may. */
  get unreadable(): readonly string[] {
    return this.#folders.unreadable;
  }

  /** Resolves when every provisioned environment has initialised, well or badly. */
  async provisioned(): Promise<void> {
    await Promise.all(this.#provisioned);
  }

  /**
   * Runs the invocation in an environment of its own; throws `ThrottledError` when there is none to be had
   * and `FunctionClosedError` when there will be none. With
   * `streamed`, a response that the runtime streams goes there, and the result tells only how it ended.
   */
  async invoke(invocation: AcceptedInvocation, streamed?: TakeStream): Promise<PlacedInvocation> {
    if (this.#closed) throw new FunctionClosedError();
    const { requestId, tenantId } = invocation;
    const apart = this.configuration.tenantIsolationMode !== undefined;
    const environmentId = this.#placement.place(requestId, apart ? tenantId : undefined);
    return await this.#run(environmentId, invocation, streamed);
  }

  /** The environments that exist, oldest first. */
  async environments(): Promise<readonly ExecutionEnvironment[]> {
    return Promise.all(this.#environments.values());
  }

  /** Shuts every environment down and removes what was unpacked. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#placement.close();
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
    this.#placement.handed(environmentId);
    try {
      const result = await environment.invoke(invocation, streamed);
      const { requestId } = invocation;
      // An error may have left a runtime that never asks again.
      const waits = this.mode.profile.answers === "after-phase" && result.functionError === undefined;
      if (waits) await environment.ended(requestId);
      return { ...result, logTail: environment.ended(requestId).then(() => environment.takeTail(requestId)) };
    } finally {
      this.#hear(environmentId, environment.state);
    }
  }

  async #environment(environmentId: EnvironmentId): Promise<ExecutionEnvironment> {
    const environment = await this.#environments.get(environmentId);
    if (environment === undefined)
      throw new Error(`Cannot happen: environment ${environmentId} was placed but never created`);
    return environment;
  }

  /** After each step of an environment; one that has closed by itself is buried. */
  #hear(environmentId: EnvironmentId, state: Environment): void {
    if (this.#closed) return;
    this.#placement.hear(environmentId, state);
    if (state.phase.at === "closed") void this.#bury(environmentId);
  }

  /** Ends an environment if it has not ended by itself, gives back what it held, and forgets it. */
  async #bury(environmentId: EnvironmentId): Promise<void> {
    const environment = this.#open.get(environmentId);
    if (environment === undefined) return;
    this.#open.delete(environmentId);
    await environment.close();
    this.#folders.removeTmp(environmentId);
    this.#environments.delete(environmentId);
    this.#placement.forget(environmentId);
  }

  /** One that cannot be made takes nobody's place: whoever waits for it hears why, and the next may try anew. */
  #create(environmentId: EnvironmentId, provisioned: boolean): void {
    const made = this.#make(environmentId, provisioned);
    this.#environments.set(environmentId, made);
    const initialise = (environment: ExecutionEnvironment) => (this.#closed ? undefined : environment.init());
    if (provisioned) this.#provisioned.push(made.then(initialise));
    made.catch(() => {
      this.#environments.delete(environmentId);
      this.#placement.forget(environmentId);
    });
  }

  async #make(environmentId: EnvironmentId, provisioned: boolean): Promise<ExecutionEnvironment> {
    const environment = await ExecutionEnvironment.open(this.#environmentOptions(environmentId, provisioned));
    this.#open.set(environmentId, environment);
    return environment;
  }

  #environmentOptions(environmentId: EnvironmentId, provisioned: boolean): EnvironmentOptions {
    const { configuration, mode, confinement, each } = this.#checked;
    return {
      ...each,
      configuration,
      folders: { ...this.#code, tmp: this.#folders.makeTmp(environmentId) },
      isolation: confinement.isolation,
      network: confinement.network,
      processors: confinement.processors,
      clock: machineClock,
      logStreamName: logStreamName(new Date(machineClock.epochMs())),
      observer: this.#observer?.(environmentId) ?? {},
      changed: (state) => this.#hear(environmentId, state),
      profile: mode.profile,
      initializationType: initializationTypeOf(mode, provisioned),
      concurrency: mode.maxConcurrency,
    };
  }

  get #code(): Omit<Folders, "tmp"> {
    const { task, opt } = this.#folders;
    const { root } = this.#checked.confinement;
    return { task, opt, root: root.kind === "image" ? root.folder : undefined };
  }
}

/** `YYYY/MM/DD/[version]` and 32 hexadecimal digits. DG/monitoring-cloudwatchlogs.html */
function logStreamName(date: Date): string {
  const day = date.toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
}
