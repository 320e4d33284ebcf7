/** Tells what happens in an execution environment, one plain line for each thing, from its steps and its log. */
import type { Effect } from "../core/environment/effect.ts";
import type { Input } from "../core/environment/input.ts";
import type { Environment, ProcessName } from "../core/environment/model.ts";
import type { JournalEntry, JournalFault, JournalLostWork } from "../emulator/journal.ts";
import type { LostWork } from "../emulator/supervisor/lost-work.ts";
import type { FiredFault } from "../faults/fault-injector.ts";

/** One line of the story. `atMs` counts from the environment's first step. */
export interface Moment {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

/** A phase that has ended, with the milliseconds between which it lasted. */
export interface PhaseSpan {
  readonly phase: "Init" | "Invoke" | "Shutdown";
  readonly beganMs: number;
  readonly endedMs: number;
}

export class Narrator {
  readonly moments: Moment[] = [];
  readonly phases: PhaseSpan[] = [];
  readonly #names = new Map<string, string>();
  #start: number | undefined;
  #phase: Environment["phase"]["at"] = "cold";
  #phaseBeganMs = 0;

  stepped({ at, input }: JournalEntry, effects: readonly Effect[], environment: Environment): void {
    this.#start ??= at;
    const atMs = at - this.#start;
    const asked = this.#asked(input);
    if (asked !== undefined) this.moments.push({ atMs, ...asked });
    this.#enter(environment.phase.at, atMs);
    for (const effect of effects) {
      const done = this.#done(effect);
      if (done !== undefined) this.moments.push({ atMs, ...done });
    }
  }

  faulted({ at, fault }: JournalFault): void {
    this.#insert(at, "wire", faultLine(fault));
  }

  lostWork({ at, lostWork }: JournalLostWork): void {
    this.#insert(at, "environment", lostWorkLine(lostWork));
  }

  /** What the journal has beside its steps goes to its place among them. */
  #insert(at: number, who: string, what: string): void {
    this.moments.push({ atMs: at - (this.#start ?? at), who, what });
    this.moments.sort((a, b) => a.atMs - b.atMs);
  }

  #enter(phase: Environment["phase"]["at"], atMs: number): void {
    if (phase === this.#phase) return;
    const ended = spanName(this.#phase);
    if (ended !== undefined) this.phases.push({ phase: ended, beganMs: this.#phaseBeganMs, endedMs: atMs });
    const began = spanName(phase);
    const what = began === undefined ? restName(phase) : `${began} phase begins`;
    this.moments.push({ atMs, who: "environment", what });
    this.#phase = phase;
    this.#phaseBeganMs = atMs;
  }

  #asked(input: Input): Omit<Moment, "atMs"> | undefined {
    switch (input.type) {
      case "invoke":
        return { who: "service", what: `places invocation ${input.requestId.slice(0, 8)} here` };
      case "runtime-next":
        return { who: "runtime", what: "GET  /runtime/invocation/next" };
      case "answer-began":
        return { who: "runtime", what: `POST /runtime/invocation/{id}/${input.answer}` };
      case "runtime-init-error":
        return { who: "runtime", what: `POST /runtime/init/error (${input.errorType ?? "no type"})` };
      case "extension-register":
        this.#names.set(input.identifier, input.name);
        return { who: input.name, what: `POST /extension/register for ${input.events.join(", ") || "no events"}` };
      case "extension-next":
        return { who: this.#names.get(input.identifier) ?? "extension", what: "GET  /extension/event/next" };
      case "extension-error":
        return { who: this.#names.get(input.identifier) ?? "extension", what: `POST /extension/${input.report}` };
      case "process-exited":
        return { who: processWord(input.process), what: `exits: ${exitWords(input)}` };
      case "process-start-failed":
        return { who: processWord(input.process), what: `cannot start: ${input.reason}` };
      case "alarm":
        return { who: "environment", what: `time is up: ${input.alarm.split(":")[0]}` };
      default:
        return undefined;
    }
  }

  #done(effect: Effect): Omit<Moment, "atMs"> | undefined {
    switch (effect.type) {
      case "start-process":
        return { who: processWord(effect.process), what: "process starts" };
      case "signal-process":
        return { who: processWord(effect.process), what: `gets ${effect.signal}` };
      case "answer-call":
        return answerWords(effect);
      case "refuse-call": {
        const { status, errorType, errorMessage } = effect.refusal;
        return { who: "environment", what: `refuses with ${status} ${errorType}: ${errorMessage}` };
      }
      case "complete-invocation":
        return {
          who: "service",
          what: `the caller gets its ${effect.outcome.type === "response" ? "response" : "function error"}`,
        };
      default:
        return undefined;
    }
  }
}

export function lostWorkLine({ text }: LostWork): string {
  return `Lost work: ${text}`;
}

/** Which fault of the plan was carried out, and on what. */
export function faultLine({ fault, type, method, path, nth }: FiredFault): string {
  return `FAULT ${fault} (${type}) in the answer to ${method} ${path}, number ${nth}`;
}

function answerWords({ answer }: Effect & { type: "answer-call" }): Omit<Moment, "atMs"> | undefined {
  switch (answer.type) {
    case "invocation":
      return { who: "runtime", what: "  gets the event" };
    case "invoke-event":
      return { who: "extensions", what: "  get INVOKE" };
    case "shutdown-event":
      return { who: "extensions", what: `  get SHUTDOWN, reason ${answer.reason}` };
    default:
      return undefined;
  }
}

function exitWords(input: Input & { type: "process-exited" }): string {
  return input.exit.how === "code" ? `code ${input.exit.code}` : `signal ${input.exit.signal}`;
}

function processWord(process: ProcessName): string {
  return process === "runtime" ? "runtime" : process.slice("extension:".length);
}

function spanName(phase: Environment["phase"]["at"]): PhaseSpan["phase"] | undefined {
  const names = { init: "Init", invoke: "Invoke", shutdown: "Shutdown" } as const;
  return phase === "init" || phase === "invoke" || phase === "shutdown" ? names[phase] : undefined;
}

function restName(phase: Environment["phase"]["at"]): string {
  if (phase === "idle") return "idle: frozen until the next invocation";
  return phase === "closed" ? "closed: every process is gone" : "reset: the next invocation initialises it again";
}
