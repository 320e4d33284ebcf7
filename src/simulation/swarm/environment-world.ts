/** One environment in virtual time: it takes inputs, carries effects out on pretended processes, and checks every promise. */
import type { Answer, Effect, Outcome } from "../../core/environment/effect.ts";
import type { Exit, Input } from "../../core/environment/input.ts";
import { checkInvariants } from "../../core/environment/invariants.ts";
import {
  type AlarmName,
  type CallId,
  type Environment,
  newEnvironment,
  type ProcessName,
  type RequestId,
  type Settings,
} from "../../core/environment/model.ts";
import type { step } from "../../core/environment/step.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { invariant, unreachable } from "../../protocol/unreachable.ts";
import { book, emptyLedger, type Ledger } from "../ledger.ts";
import type { Agenda } from "./agenda.ts";
import { checkDeadline, checkOutcome } from "./promises.ts";

export interface Process {
  readonly name: ProcessName;
  /** Does not react to SIGTERM. */
  stubborn: boolean;
  alive: boolean;
}

/** What becomes of a call. */
export interface Waiting {
  readonly process: Process;
  readonly answered: (answer: Answer) => void;
  readonly refused: (refusal: Refusal) => void;
}

/** What the environment needs of the rest of its world. */
export interface Surroundings {
  readonly agenda: Agenda;
  readonly step: typeof step;
  start(world: EnvironmentWorld, process: Process): void;
  terminate(world: EnvironmentWorld, process: Process): void;
  completed(attempt: Attempt, outcome: Outcome): void;
  settled(world: EnvironmentWorld, input: Input): void;
}

/** One try of an invocation. */
export interface Attempt {
  readonly requestId: RequestId;
  readonly invocationId: string;
  readonly acceptedAt: number;
  /** As runtime and extensions are told. */
  deadlineAt?: number;
}

export class EnvironmentWorld {
  readonly id: number;
  readonly #surroundings: Surroundings;
  readonly #calls = new Map<CallId, Waiting>();
  readonly #processes = new Map<ProcessName, Process>();
  readonly #alarms = new Map<AlarmName, object>();
  readonly #attempts = new Map<RequestId, Attempt>();
  /** Which attempt each answer was meant for, where its runtime says so. */
  readonly #meant = new Map<CallId, string>();
  readonly #inputs: (readonly [number, Input])[] = [];
  #environment: Environment;
  #ledger: Ledger = emptyLedger;
  #deferred: (() => void)[] = [];
  #lastCall = 0;

  constructor(id: number, settings: Settings, surroundings: Surroundings) {
    this.id = id;
    this.#surroundings = surroundings;
    this.#environment = newEnvironment(settings);
  }

  get state(): Environment {
    return this.#environment;
  }

  /** Everything that happened to it, with the time. */
  get inputs(): readonly (readonly [number, Input])[] {
    return this.#inputs;
  }

  get processes(): readonly Process[] {
    return [...this.#processes.values()];
  }

  /** Alarms that are set. */
  get alarms(): readonly AlarmName[] {
    return this.#ledger.alarms;
  }

  attempt(requestId: RequestId): Attempt | undefined {
    return this.#attempts.get(requestId);
  }

  accept(input: Input): void {
    const { agenda, step, settled } = this.#surroundings;
    this.#inputs.push([agenda.now, input]);
    if (input.type === "invoke") {
      const { requestId, invocationId } = input;
      this.#attempts.set(requestId, { requestId, invocationId, acceptedAt: agenda.now });
    }
    const [environment, effects] = step(this.#environment, input, agenda.now);
    checkInvariants(environment);
    this.#ledger = book(this.#ledger, input, effects, environment);
    this.#environment = environment;
    for (const effect of effects) this.#perform(effect);
    settled(this, input);
  }

  invoke(requestId: RequestId, invocationId: string): void {
    this.accept({ type: "invoke", requestId, invocationId });
  }

  /** As a process of the environment, after a while: never while it is frozen, nor when the process is gone. */
  later(process: Process, durationMs: number, act: () => void): void {
    const happen = () => {
      if (!process.alive) return;
      if (this.#ledger.frozen) this.#deferred.push(happen);
      else act();
    };
    this.#surroundings.agenda.after(durationMs, happen);
  }

  call(waiting: Waiting, inputOf: (call: CallId) => Input, meantFor?: string): CallId {
    this.#lastCall += 1;
    const call = this.#lastCall;
    this.#calls.set(call, waiting);
    if (meantFor !== undefined) this.#meant.set(call, meantFor);
    this.accept(inputOf(call));
    return call;
  }

  /** Whether the call still waits. */
  waits(call: CallId): boolean {
    return this.#calls.has(call);
  }

  /** The connection under a waiting call is lost. */
  drop(call: CallId): void {
    if (this.#calls.delete(call)) this.accept({ type: "call-dropped", call });
  }

  /** A process ends: what it was sending is cut off, and its connections are lost. */
  exit(process: Process, exit: Exit): void {
    if (!process.alive) return;
    process.alive = false;
    for (const [call, waiting] of [...this.#calls]) {
      if (waiting.process !== process) continue;
      this.#calls.delete(call);
      this.accept(
        this.#answers(call)
          ? { type: "answer-ended", call, ending: "truncated", bytes: 1 }
          : { type: "call-dropped", call },
      );
    }
    this.#processes.delete(process.name);
    this.accept({ type: "process-exited", process: process.name, exit });
  }

  /** The process never came to be. */
  failToStart(process: Process): void {
    process.alive = false;
    this.#processes.delete(process.name);
    this.accept({ type: "process-start-failed", process: process.name, reason: "no such file" });
  }

  #answers(call: CallId): boolean {
    return Object.values(this.#environment.invocations).some((x) => x.at === "answering" && x.call === call);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "start-process":
        return this.#start(effect.process);
      case "signal-process":
        return this.#signal(effect.process, effect.signal);
      case "set-alarm":
        return this.#setAlarm(effect.alarm, effect.at);
      case "clear-alarm":
        this.#alarms.delete(effect.alarm);
        return;
      case "thaw":
        for (const happen of this.#deferred.splice(0)) this.#surroundings.agenda.after(0, happen);
        return;
      case "answer-call":
        return this.#answer(effect.call, effect.answer);
      case "refuse-call":
        return this.#take(effect.call)?.refused(effect.refusal);
      case "complete-invocation":
        return this.#complete(effect.requestId, effect.outcome);
      case "share-processors":
      case "freeze":
      case "begin-stream":
      case "record":
        return;
      default:
        return unreachable(effect);
    }
  }

  #start(name: ProcessName): void {
    const process: Process = { name, stubborn: false, alive: true };
    this.#processes.set(name, process);
    this.#surroundings.start(this, process);
  }

  /** A killed process is gone a moment later, frozen or not. */
  #signal(name: ProcessName, signal: "SIGTERM" | "SIGKILL"): void {
    const process = this.#processes.get(name);
    if (process === undefined) return;
    if (signal === "SIGTERM") return this.#surroundings.terminate(this, process);
    this.#surroundings.agenda.after(2, () => this.exit(process, { how: "signal", signal: "killed" }));
  }

  #setAlarm(alarm: AlarmName, at: number): void {
    const token = {};
    this.#alarms.set(alarm, token);
    this.#surroundings.agenda.at(at, () => {
      if (this.#alarms.get(alarm) !== token) return;
      this.#alarms.delete(alarm);
      this.accept({ type: "alarm", alarm });
    });
  }

  #answer(call: CallId, answer: Answer): void {
    if (answer.type === "invocation" || answer.type === "invoke-event") {
      checkDeadline(this.#attempts.get(answer.requestId), answer.deadlineAt);
    }
    const waiting = this.#take(call);
    if (waiting === undefined) return;
    this.later(waiting.process, 0, () => waiting.answered(answer));
  }

  #take(call: CallId): Waiting | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }

  #complete(requestId: RequestId, outcome: Outcome): void {
    const attempt = this.#attempts.get(requestId);
    invariant(attempt !== undefined, "an outcome is of an invocation that was handed in");
    this.#attempts.delete(requestId);
    const { agenda, completed } = this.#surroundings;
    const meant = "payloadOf" in outcome ? this.#meant.get(outcome.payloadOf) : undefined;
    checkOutcome(attempt, outcome, { now: agenda.now, meant, settings: this.#environment.settings });
    completed(attempt, outcome);
  }
}
