/**
 * Plays of the core that read as sentences: `play(at, input)` takes one step and says, as short strings, what the world is
 * asked to do, processors aside: those have a test of their own. The promises that hold in every state are checked at each
 * step besides.
 */
import type { Answer, Effect, Outcome } from "../../src/core/environment/effect.ts";
import type { Exit, Input } from "../../src/core/environment/input.ts";
import { checkInvariants } from "../../src/core/environment/invariants.ts";
import { newEnvironment, type ProcessName, type Settings } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import type { PlatformRecord } from "../../src/core/telemetry/record.ts";
import { unreachable } from "../../src/protocol/unreachable.ts";
import { book, emptyLedger } from "../../src/simulation/ledger.ts";

export interface Play {
  (at: number, input: Input): readonly string[];
  /** Takes several steps at one instant, for the way to where a play begins. */
  through(at: number, ...inputs: readonly Input[]): Play;
}

/** A cold environment with the given external extensions and a time-out of three seconds. */
export function play(
  externalExtensions: readonly string[] = [],
  timeoutMs = 3_000,
  settings: Partial<Settings> = {},
): Play {
  let environment = newEnvironment({ ...usualSettings, timeoutMs, externalExtensions, ...settings });
  let ledger = emptyLedger;
  const take = (at: number, input: Input) => {
    const [next, effects] = step(environment, input, at);
    checkInvariants(next);
    ledger = book(ledger, input, effects, next);
    environment = next;
    return effects.filter(({ type }) => type !== "share-processors").map(sayEffect);
  };
  const through = (at: number, ...inputs: readonly Input[]): Play => {
    for (const input of inputs) take(at, input);
    return self;
  };
  const self: Play = Object.assign(take, { through });
  return self;
}

/** On demand, as most plays are. */
export const usualSettings: Settings = {
  initializationType: "on-demand",
  timeoutMs: 3_000,
  initTimeoutMs: 10_000,
  externalExtensions: [],
  invocationsMax: 1,
  runtimeShutdownMs: 300,
};

export const init: Input = { type: "init" };
export const shutdown: Input = { type: "shutdown" };

/** The nonce of the attempt is the request id and a 1. */
export function invoke(requestId: string): Input {
  return { type: "invoke", requestId, invocationId: `${requestId}1` };
}

export function ring(alarm: (Input & { type: "alarm" })["alarm"]): Input {
  return { type: "alarm", alarm };
}

export function exited(process: ProcessName, how: number | string): Input {
  const exit: Exit = typeof how === "number" ? { how: "code", code: how } : { how: "signal", signal: how };
  return { type: "process-exited", process, exit };
}

export function startFailed(process: ProcessName, reason: string): Input {
  return { type: "process-start-failed", process, reason };
}

export function dropped(call: number): Input {
  return { type: "call-dropped", call };
}

export function next(call: number): Input {
  return { type: "runtime-next", call };
}

interface AnswerOptions {
  readonly mode?: "buffered" | "streaming" | "invalid";
  readonly invocationId?: string;
}

/** The head of a `/response`. */
export function response(call: number, requestId: string, options: AnswerOptions = {}): Input {
  return answer("response", call, requestId, options);
}

/** The head of an `/error`. */
export function error(call: number, requestId: string, options: AnswerOptions = {}): Input {
  return answer("error", call, requestId, options);
}

function answer(kind: "response" | "error", call: number, requestId: string, options: AnswerOptions): Input {
  return { type: "answer-began", call, requestId, answer: kind, mode: "buffered", ...options };
}

/** The end of a body of an answer. */
export function ended(
  call: number,
  ending: "complete" | "truncated" | "oversize" = "complete",
  facts: { readonly bytes?: number; readonly errorType?: string } = {},
): Input {
  return { type: "answer-ended", call, ending, bytes: 2, ...facts };
}

export function restoreNext(call: number): Input {
  return { type: "runtime-restore-next", call };
}

export function restoreError(call: number, errorType?: string): Input {
  return { type: "runtime-restore-error", call, ...(errorType === undefined ? {} : { errorType }) };
}

export function initError(call: number, facts: { readonly bytes?: number; readonly errorType?: string } = {}): Input {
  return { type: "runtime-init-error", call, bytes: 2, ...facts };
}

/** Registers under an identifier that is the name with `id of` before it. */
export function register(call: number, name: string, events: readonly string[] = ["INVOKE", "SHUTDOWN"]): Input {
  return { type: "extension-register", call, name, identifier: `id of ${name}`, events };
}

export function extensionNext(call: number, name: string): Input {
  return { type: "extension-next", call, identifier: `id of ${name}` };
}

export function extensionError(call: number, name: string, report: "init-error" | "exit-error"): Input {
  return { type: "extension-error", call, identifier: `id of ${name}`, report, errorType: "Extension.Boom" };
}

function sayEffect(effect: Effect): string {
  switch (effect.type) {
    case "start-process":
      return `start ${effect.process}`;
    case "signal-process":
      return `${effect.signal} to ${effect.process}`;
    case "set-alarm":
      return `set alarm ${effect.alarm} at ${effect.at}`;
    case "clear-alarm":
      return `clear alarm ${effect.alarm}`;
    case "share-processors":
      return `share processors: ${effect.share}`;
    case "freeze":
    case "thaw":
      return effect.type;
    case "answer-call":
      return `answer ${effect.call}: ${sayAnswer(effect.answer)}`;
    case "refuse-call": {
      const { status, errorType, errorMessage } = effect.refusal;
      return `refuse ${effect.call}: ${status} ${errorType} ${errorMessage}`;
    }
    case "complete-invocation":
      return `complete ${effect.requestId}: ${sayOutcome(effect.outcome)}`;
    case "begin-stream":
      return `stream call ${effect.call} to ${effect.requestId}`;
    case "record":
      return `record ${sayRecord(effect.record)}`;
    default:
      return unreachable(effect);
  }
}

function sayAnswer(answer: Answer): string {
  switch (answer.type) {
    case "accepted":
    case "restored":
      return answer.type;
    case "invocation":
      return `invocation ${answer.requestId}, deadline ${answer.deadlineAt}`;
    case "registered":
      return `registered ${answer.name} as ${answer.identifier}`;
    case "invoke-event":
      return `INVOKE ${answer.requestId}, deadline ${answer.deadlineAt}`;
    case "shutdown-event":
      return `SHUTDOWN ${answer.reason}, deadline ${answer.deadlineAt}`;
    default:
      return unreachable(answer);
  }
}

function sayOutcome(outcome: Outcome): string {
  if (outcome.type === "stream") return `stream ${outcome.ending} ${outcome.errorType ?? ""}`.trimEnd();
  if (outcome.type === "timeout") return `timed out after ${outcome.timeoutMs} ms`;
  if (outcome.type === "refused") return `refused ${outcome.refusal}`;
  if (outcome.type !== "fault") return `${outcome.type} of call ${outcome.payloadOf}`;
  return `fault ${outcome.error.errorType} ${outcome.error.errorMessage}`.trimEnd();
}

/** The fields of records in the order in which they are said; one that is not listed is said first. */
const spoken = [
  "requestId",
  "phase",
  "name",
  "state",
  "events",
  "status",
  "errorType",
  "durationMs",
  "initDurationMs",
  "restoreDurationMs",
  "producedBytes",
];

/** What has tests of its own. */
const unspoken = ["spans", "cause"];

function sayRecord(record: PlatformRecord): string {
  const { type, ...fields } = record;
  const speaking = Object.entries(fields).filter(([name]) => !unspoken.includes(name));
  const said = speaking.sort(([a], [b]) => spoken.indexOf(a) - spoken.indexOf(b));
  return [type, ...said.map(([name, value]) => sayField(name, value))].join(" ");
}

function sayField(name: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  if (name === "durationMs") return `${value} ms`;
  if (name === "initDurationMs") return `init ${value} ms`;
  if (name === "restoreDurationMs") return `restore ${value} ms`;
  return name === "producedBytes" ? `${value} bytes` : `${value}`;
}
