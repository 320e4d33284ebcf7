/** A function in virtual time: callers, placement, and the environments that placement makes and reclaims. */
import type { Outcome } from "../../core/environment/effect.ts";
import { step } from "../../core/environment/step.ts";
import { slotsOf } from "../../core/environment/views.ts";
import { checkFunctionInvariants } from "../../core/function/invariants.ts";
import {
  type EnvironmentId,
  type FunctionEffect,
  type FunctionInput,
  type FunctionState,
  newFunction,
} from "../../core/function/model.ts";
import { stepFunction } from "../../core/function/step.ts";
import { invariant, unreachable } from "../../protocol/unreachable.ts";
import { startProcess, terminate } from "./actors.ts";
import { Agenda } from "./agenda.ts";
import { type Attempt, EnvironmentWorld } from "./environment-world.ts";
import { Random } from "./random.ts";
import type { FaultKind, Swarm } from "./swarm.ts";

/** What is simulated, in place of the core's own steps. */
export interface Subject {
  readonly step: typeof step;
  readonly stepFunction: typeof stepFunction;
}

export const core: Subject = { step, stepFunction };

interface Place {
  /** Undefined while it is being made. */
  world?: EnvironmentWorld;
  readonly provisioned: boolean;
  /** Placed while it was being made. */
  readonly early: Attempt[];
  handed: number;
}

export type Ending = Outcome["type"] | "throttled";

export class FunctionWorld {
  readonly agenda = new Agenda();
  readonly random: Random;
  readonly swarm: Swarm;
  /** Attempts by invocation id: what became of each, so far. */
  readonly endings = new Map<string, Ending | "none">();
  readonly #subject: Subject;
  readonly #places = new Map<EnvironmentId, Place>();
  readonly #idleAlarms = new Map<EnvironmentId, object>();
  #function: FunctionState;
  #attempts = 0;
  #healed = false;

  constructor(swarm: Swarm, subject: Subject) {
    this.swarm = swarm;
    this.random = new Random(swarm.seed ^ 0x5eed);
    this.#subject = subject;
    this.#function = newFunction(swarm.function);
    if (swarm.provisioned > 0) this.#step({ type: "provision", count: swarm.provisioned });
  }

  /** Of environments that are there. */
  get worlds(): readonly EnvironmentWorld[] {
    return [...this.#places.values()].flatMap(({ world }) => (world === undefined ? [] : [world]));
  }

  /** From now on no fault strikes. What hangs by then goes on hanging. */
  heal(): void {
    this.#healed = true;
  }

  strikes(fault: FaultKind, probability: number): boolean {
    return !this.#healed && this.swarm.faults.has(fault) && this.random.chance(probability);
  }

  /** A caller comes; an attempt that is retried has the request id of the first. */
  invoke(retried?: string): void {
    this.#attempts += 1;
    const requestId = retried ?? `r${this.#attempts}`;
    const invocationId = `${requestId}/${this.#attempts}`;
    this.endings.set(invocationId, "none");
    const attempt: Attempt = { requestId, invocationId, acceptedAt: this.agenda.now };
    const decided = this.#step({ type: "invoke", requestId });
    const decision = decided.find(({ type }) => type === "place-invocation" || type === "throttle");
    invariant(decision !== undefined, "placement decides of each invocation at once");
    if (decision.type === "place-invocation") this.#hand(decision.environmentId, attempt);
    else this.#end(attempt, "throttled");
  }

  /** Somebody ends an environment from outside. */
  closeOne(): void {
    const [first, ...others] = this.worlds;
    if (first !== undefined) this.random.pick([first, ...others]).accept({ type: "shutdown" });
  }

  #end({ requestId, invocationId }: Attempt, ending: Ending): void {
    invariant(this.endings.get(invocationId) === "none", "each invocation has one outcome");
    this.endings.set(invocationId, ending);
    if (ending !== "response" && this.strikes("retry", 0.5)) {
      this.agenda.after(this.random.between(1, 2_000), () => this.#retry(requestId));
    }
  }

  /** No environment is handed a request id that it still has in hand: the service waits for longer than that. */
  #retry(requestId: string): void {
    const inHand = this.worlds.some(({ state }) => Object.hasOwn(state.invocations, requestId));
    if (!inHand) this.invoke(requestId);
  }

  #hand(environmentId: EnvironmentId, attempt: Attempt): void {
    const place = this.#places.get(environmentId);
    invariant(place !== undefined, "an invocation is placed in an environment that exists");
    if (place.world === undefined) {
      place.early.push(attempt);
      return;
    }
    place.handed += 1;
    place.world.invoke(attempt.requestId, attempt.invocationId);
  }

  #step(input: FunctionInput): readonly FunctionEffect[] {
    const [state, effects] = this.#subject.stepFunction(this.#function, input, this.agenda.now);
    checkFunctionInvariants(state);
    this.#function = state;
    for (const effect of effects) this.#perform(effect);
    return effects;
  }

  #perform(effect: FunctionEffect): void {
    switch (effect.type) {
      case "create-environment":
        return this.#create(effect.environmentId, effect.provisioned);
      case "set-idle-alarm":
        return this.#setIdleAlarm(effect.environmentId, effect.at);
      case "clear-idle-alarm":
        this.#idleAlarms.delete(effect.environmentId);
        return;
      case "close-environment":
        return this.#places.get(effect.environmentId)?.world?.accept({ type: "shutdown" });
      case "place-invocation":
      case "throttle":
        return;
      default:
        return unreachable(effect);
    }
  }

  #create(environmentId: EnvironmentId, provisioned: boolean): void {
    invariant(!this.#places.has(environmentId), "an environment is made once");
    const place: Place = { provisioned, early: [], handed: 0 };
    this.#places.set(environmentId, place);
    this.agenda.after(this.random.between(0, 5), () => this.#open(environmentId, place));
  }

  #open(environmentId: EnvironmentId, place: Place): void {
    const { settings } = this.swarm;
    const spilt = settings.initializationType === "provisioned-concurrency" && !place.provisioned;
    const own = spilt ? ({ ...settings, initializationType: "on-demand", initTimeoutMs: 10_000 } as const) : settings;
    place.world = new EnvironmentWorld(environmentId, own, {
      agenda: this.agenda,
      step: this.#subject.step,
      start: (world, process) => startProcess(world, process, this),
      terminate: (world, process) => terminate(world, process, this),
      completed: (attempt, { type }) => this.#end(attempt, type),
      settled: (world) => this.#report(world, place),
    });
    if (place.provisioned) place.world.accept({ type: "init" });
    for (const attempt of place.early.splice(0)) this.#hand(environmentId, attempt);
  }

  /** As the emulator does after each step: placement hears how the environment stands, and buries it when it has ended. */
  #report({ id, state }: EnvironmentWorld, place: Place): void {
    const { at } = state.phase;
    const slots = slotsOf(state);
    const idle = at === "idle" || at === "snapshot" || at === "cold";
    this.#step({ type: "environment-slots", environmentId: id, slots, accepted: place.handed, idle });
    const known = this.#function.environments[id];
    invariant(
      known?.at !== "open" || known.slots <= slots,
      "placement promises no slot that its environment does not have",
    );
    if (at !== "closed" || this.#places.get(id) !== place) return;
    this.#places.delete(id);
    this.agenda.after(1, () => this.#step({ type: "environment-closed", environmentId: id }));
  }

  #setIdleAlarm(environmentId: EnvironmentId, at: number): void {
    const token = {};
    this.#idleAlarms.set(environmentId, token);
    this.agenda.at(at, () => {
      if (this.#idleAlarms.get(environmentId) === token) this.#step({ type: "idle-alarm", environmentId });
    });
  }
}
