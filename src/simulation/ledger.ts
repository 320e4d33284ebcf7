/**
 * What a world owes and is owed, followed from effects alone. It checks the promises that no single state shows: that
 * each invocation gets one outcome, each call one answer, each process one life.
 */
import type { Answer, Effect } from "../core/environment/effect.ts";
import type { Input } from "../core/environment/input.ts";
import { heldCalls } from "../core/environment/invariants.ts";
import type {
  AlarmName,
  CallId,
  Environment,
  ProcessName,
  ProcessorShare,
  RequestId,
} from "../core/environment/model.ts";
import { frozen, processesAlive, processorShare } from "../core/environment/views.ts";
import type { PlatformRecord } from "../core/telemetry/record.ts";
import { invariant, unreachable } from "../protocol/unreachable.ts";

export interface Ledger {
  readonly processes: readonly ProcessName[];
  readonly alarms: readonly AlarmName[];
  /** Calls that have neither been answered nor refused nor dropped. */
  readonly calls: readonly CallId[];
  /** Invocations without an outcome. */
  readonly owed: readonly RequestId[];
  /** Invocations with a START and without a REPORT. */
  readonly started: readonly RequestId[];
  readonly frozen: boolean;
  readonly share: ProcessorShare;
}

export const emptyLedger: Ledger = {
  processes: [],
  alarms: [],
  calls: [],
  owed: [],
  started: [],
  frozen: false,
  share: "all",
};

/** The ledger after one step; throws when a promise is broken. */
export function book(ledger: Ledger, input: Input, effects: readonly Effect[], after: Environment): Ledger {
  const booked = effects.reduce(bookEffect, bookInput(ledger, input));
  invariant(sameItems(booked.processes, processesAlive(after)), "the environment knows which processes are alive");
  const held = heldCalls(after);
  invariant(
    held.every((call) => booked.calls.includes(call)),
    "no call is held that was answered or dropped",
  );
  invariant(held.length === booked.calls.length || mayLetGo(input, after), "no call is let go without an answer");
  invariant(booked.frozen === frozen(after), "frozen exactly while idle, and not at all on Managed Instances");
  invariant(booked.share === processorShare(after), "an Init phase has all processors, and nothing else has");
  const { phase } = after;
  invariant(phase.at !== "closed" || booked.owed.length === 0, "no invocation is lost when the environment closes");
  invariant(
    !(phase.at === "closed" || phase.at === "cold") || booked.alarms.length === 0,
    "no alarm outlives its phase",
  );
  const over = phase.at === "closed" || phase.at === "cold" || phase.at === "idle";
  invariant(!over || booked.started.length === 0, "every invocation that has a START has a REPORT");
  invariant(phase.at !== "idle" || booked.owed.length === 0, "nobody waits for an idle environment");
  invariant(
    booked.owed.every((requestId) => Object.hasOwn(after.invocations, requestId)),
    "an invocation without an outcome is in hand",
  );
  invariant(somethingWillHappen(booked, after), "something can still happen: a process, an alarm or an invocation");
  return { ...booked, calls: held };
}

/** The calls of a process that is gone, or that has said that it will go, stay without an answer. */
function mayLetGo(input: Input, after: Environment): boolean {
  const left =
    input.type === "process-exited" || input.type === "process-start-failed" || input.type === "extension-error";
  return left || after.phase.at === "cold" || after.phase.at === "closed";
}

/** While work is in hand, an alarm is set or a process was killed, so that no phase can last for ever. */
function somethingWillHappen(ledger: Ledger, environment: Environment): boolean {
  const { at } = environment.phase;
  if (at === "init" || at === "restore" || at === "invoke") return ledger.alarms.length > 0;
  return at !== "shutdown" || ledger.processes.length > 0;
}

function bookInput(ledger: Ledger, input: Input): Ledger {
  switch (input.type) {
    case "invoke":
      return { ...ledger, owed: [...ledger.owed, input.requestId] };
    case "alarm":
      return { ...ledger, alarms: without(ledger.alarms, input.alarm) };
    case "process-exited":
    case "process-start-failed":
      return { ...ledger, processes: without(ledger.processes, input.process) };
    case "call-dropped":
      return { ...ledger, calls: without(ledger.calls, input.call) };
    case "answer-ended":
      return ledger;
    default:
      return "call" in input ? { ...ledger, calls: [...ledger.calls, input.call] } : ledger;
  }
}

function bookEffect(ledger: Ledger, effect: Effect): Ledger {
  switch (effect.type) {
    case "start-process":
      invariant(!ledger.processes.includes(effect.process), `"${effect.process}" is started once`);
      return { ...ledger, processes: [...ledger.processes, effect.process] };
    case "signal-process":
      invariant(ledger.processes.includes(effect.process), `"${effect.process}" is alive when it is signalled`);
      return ledger;
    case "set-alarm":
      return { ...ledger, alarms: [...without(ledger.alarms, effect.alarm), effect.alarm] };
    case "clear-alarm":
      return { ...ledger, alarms: without(ledger.alarms, effect.alarm) };
    case "freeze":
      return { ...ledger, frozen: true };
    case "thaw":
      return { ...ledger, frozen: false };
    case "share-processors":
      return { ...ledger, share: effect.share };
    case "answer-call":
      invariant(!begins(effect.answer) || ledger.share === "function", "no invocation begins before its share holds");
      return { ...ledger, calls: answered(ledger, effect.call) };
    case "refuse-call":
      return { ...ledger, calls: answered(ledger, effect.call) };
    case "complete-invocation":
      invariant(ledger.owed.includes(effect.requestId), `invocation "${effect.requestId}" gets one outcome`);
      return { ...ledger, owed: without(ledger.owed, effect.requestId) };
    case "begin-stream":
      invariant(ledger.owed.includes(effect.requestId), "a stream begins before its invocation has an outcome");
      return ledger;
    case "record":
      return bookRecord(ledger, effect.record);
    default:
      return unreachable(effect);
  }
}

function answered(ledger: Ledger, call: CallId): readonly CallId[] {
  invariant(ledger.calls.includes(call), `call ${call} is answered once`);
  return without(ledger.calls, call);
}

/** Whether somebody hears of an invocation by it. */
function begins(answer: Answer): boolean {
  return answer.type === "invocation" || answer.type === "invoke-event";
}

function bookRecord(ledger: Ledger, record: PlatformRecord): Ledger {
  if (record.type === "platform.start") {
    invariant(!ledger.started.includes(record.requestId), `invocation "${record.requestId}" has one START`);
    return { ...ledger, started: [...ledger.started, record.requestId] };
  }
  if (record.type === "platform.runtimeDone" || record.type === "platform.report") {
    invariant(ledger.started.includes(record.requestId), `"${record.type}" comes between START and REPORT, or is it`);
  }
  if (record.type !== "platform.report") return ledger;
  return { ...ledger, started: without(ledger.started, record.requestId) };
}

function without<T>(items: readonly T[], item: T): readonly T[] {
  return items.filter((other) => other !== item);
}

function sameItems<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item));
}
