import type { Environment } from "../core/environment/model.ts";
import { slotsOf } from "../core/environment/views.ts";
import { checkFunctionInvariants } from "../core/function/invariants.ts";
import {
  type EnvironmentId,
  type FunctionEffect,
  type FunctionInput,
  type FunctionSettings,
  newFunction,
} from "../core/function/model.ts";
import { stepFunction } from "../core/function/step.ts";
import { machineClock } from "../platform/clock.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { Alarms } from "./alarms.ts";
import { ThrottledError } from "./invocation.ts";

/** Who makes the environments that placement asks for, and ends those that nobody needs. */
export interface PlacementWorld {
  create(environmentId: EnvironmentId, provisioned: boolean): void;
  close(environmentId: EnvironmentId): void;
}

/** What placement says about an invocation. */
type Decision = FunctionEffect & { type: "place-invocation" | "throttle" };

/** Owns a function's placement and its alarms for idle environments: the core's decisions, in the machine's time. */
export class Placement {
  readonly #world: PlacementWorld;
  /** What each environment said of itself last: most of its steps change nothing of it. */
  readonly #said = new Map<EnvironmentId, string>();
  /** How many invocations each was handed. */
  readonly #handed = new Map<EnvironmentId, number>();
  readonly #idleAlarms = new Alarms<EnvironmentId>(
    () => machineClock.now(),
    (environmentId) => this.#step({ type: "idle-alarm", environmentId }),
    { keepsProcess: false },
  );
  #state: ReturnType<typeof newFunction>;
  #closed = false;

  constructor(settings: FunctionSettings, world: PlacementWorld) {
    this.#state = newFunction(settings);
    this.#world = world;
  }

  /** Has so many environments made ahead of any invocation. */
  provision(count: number): void {
    this.#step({ type: "provision", count });
  }

  /** The environment that takes an invocation, which may have to be made; throws `ThrottledError` where there is none. */
  place(requestId: string, tenantId: string | undefined): EnvironmentId {
    const decision = this.#step({ type: "invoke", requestId, ...(tenantId === undefined ? {} : { tenantId }) });
    if (decision.type === "throttle") throw new ThrottledError(decision.reason);
    return decision.environmentId;
  }

  /** An environment is being handed an invocation that was placed there. */
  handed(environmentId: EnvironmentId): void {
    this.#handed.set(environmentId, (this.#handed.get(environmentId) ?? 0) + 1);
  }

  /** How an environment stands after a step of its own. */
  hear(environmentId: EnvironmentId, state: Environment): void {
    const { at } = state.phase;
    const slots = slotsOf(state);
    const accepted = this.#handed.get(environmentId) ?? 0;
    const idle = at === "idle" || at === "snapshot" || at === "cold";
    const said = `${slots} ${accepted} ${idle}`;
    if (this.#closed || said === this.#said.get(environmentId)) return;
    this.#said.set(environmentId, said);
    this.#step({ type: "environment-slots", environmentId, slots, accepted, idle });
  }

  /** An environment is no more. */
  forget(environmentId: EnvironmentId): void {
    this.#said.delete(environmentId);
    this.#handed.delete(environmentId);
    if (!this.#closed) this.#step({ type: "environment-closed", environmentId });
  }

  /** Nothing is decided any more. */
  close(): void {
    this.#closed = true;
    for (const key of Object.keys(this.#state.environments)) this.#idleAlarms.clear(Number(key));
  }

  /** Takes one step and carries it out; says where an invocation goes, or that it goes nowhere. */
  #step(input: FunctionInput & { type: "invoke" }): Decision;
  #step(input: FunctionInput): Decision | undefined;
  #step(input: FunctionInput): Decision | undefined {
    const [state, effects] = stepFunction(this.#state, input, machineClock.now());
    checkFunctionInvariants(state);
    this.#state = state;
    let decision: Decision | undefined;
    for (const effect of effects) decision = this.#perform(effect) ?? decision;
    return decision;
  }

  #perform(effect: FunctionEffect): Decision | undefined {
    const { type } = effect;
    switch (type) {
      case "create-environment":
        this.#world.create(effect.environmentId, effect.provisioned);
        return undefined;
      case "place-invocation":
      case "throttle":
        return effect;
      case "set-idle-alarm":
        this.#idleAlarms.set(effect.environmentId, effect.at);
        return undefined;
      case "clear-idle-alarm":
        this.#idleAlarms.clear(effect.environmentId);
        return undefined;
      case "close-environment":
        this.#world.close(effect.environmentId);
        return undefined;
      default:
        return unreachable(type);
    }
  }
}
