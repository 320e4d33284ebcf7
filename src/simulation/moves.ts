/** Every input that a world could give to an environment in a given state, legal or not. */
import type { Input } from "../core/environment/input.ts";
import type { CallId, Environment, ProcessName } from "../core/environment/model.ts";
import { answeringOn, managed } from "../core/environment/views.ts";
import type { Ledger } from "./ledger.ts";

/** How much of the outside is played. More of anything multiplies the states. */
export interface Scope {
  /** Calls held open at once, of all kinds. */
  readonly callsMax: number;
  /** Names under which strangers register as internal extensions. */
  readonly internalExtensions: readonly string[];
  /** What extensions ask for when they register. */
  readonly eventSets: readonly (readonly string[])[];
}

/**
 * The moves open in this state, calls from a frozen environment included (bytes may have been on their way), with calls numbered by the smallest free number so that equal states compare equal.
 */
export function moves(environment: Environment, ledger: Ledger, scope: Scope): readonly Input[] {
  const processes = ledger.processes.flatMap(exits);
  const free = freeCall(ledger);
  const calls = ledger.calls.length < scope.callsMax ? callsOn(environment, ledger, scope, free) : [];
  return [
    ...placement(environment),
    ...ledger.alarms.map((alarm): Input => ({ type: "alarm", alarm })),
    ...processes,
    ...ledger.calls
      .filter((call) => !beingRead(environment, call))
      .map((call): Input => ({ type: "call-dropped", call })),
    ...answerEndings(environment),
    ...calls,
  ];
}

function placement(environment: Environment): readonly Input[] {
  const { phase, invocations, settings } = environment;
  const close: Input = { type: "shutdown" };
  const open =
    ["cold", "init", "snapshot", "idle"].includes(phase.at) || (managed(environment) && phase.at === "invoke");
  const room = Object.keys(invocations).length < settings.invocationsMax;
  const free = requestIds(environment).filter((requestId) => !Object.hasOwn(invocations, requestId));
  const invoke: readonly Input[] =
    open && room ? free.map((requestId) => ({ type: "invoke", requestId, invocationId: `${requestId}1` })) : [];
  return phase.at === "cold" ? [{ type: "init" }, ...invoke, close] : [...invoke, close];
}

/** Each that there can be at once. */
function requestIds({ settings }: Environment): readonly string[] {
  return ["a", "b"].slice(0, settings.invocationsMax);
}

function exits(process: ProcessName): readonly Input[] {
  return [
    { type: "process-exited", process, exit: { how: "code", code: 0 } },
    { type: "process-exited", process, exit: { how: "code", code: 17 } },
    { type: "process-exited", process, exit: { how: "signal", signal: "killed" } },
    { type: "process-start-failed", process, reason: "Permission denied" },
  ];
}

function beingRead(environment: Environment, call: CallId): boolean {
  return answeringOn(environment, call) !== undefined;
}

function answerEndings(environment: Environment): readonly Input[] {
  return Object.values(environment.invocations).flatMap((invocation) => {
    if (invocation.at !== "answering") return [];
    const { call } = invocation;
    const ended = { type: "answer-ended", call, bytes: 2 } as const;
    return [
      { ...ended, ending: "complete" },
      { ...ended, ending: "complete", bytes: 0 },
      { ...ended, ending: "truncated" },
      { ...ended, ending: "oversize" },
    ] as const;
  });
}

function callsOn(environment: Environment, ledger: Ledger, scope: Scope, call: CallId): readonly Input[] {
  const runtime = ledger.processes.includes("runtime") ? runtimeCalls(environment, call) : [];
  const externals = environment.settings.externalExtensions.filter((name) =>
    ledger.processes.includes(`extension:${name}`),
  );
  const internals = ledger.processes.includes("runtime") ? scope.internalExtensions : [];
  return [...runtime, ...[...externals, ...internals].flatMap((name) => extensionCalls(call, name, scope))];
}

function runtimeCalls(environment: Environment, call: CallId): readonly Input[] {
  const began = { type: "answer-began", call, requestId: "a", answer: "response", mode: "buffered" } as const;
  return [
    { type: "runtime-next", call },
    { type: "runtime-init-error", call, errorType: "Runtime.ImportModuleError", bytes: 2 },
    { type: "runtime-init-error", call, bytes: 0 },
    began,
    { ...began, answer: "error" },
    { ...began, mode: "invalid" },
    { ...began, mode: "streaming" },
    { ...began, invocationId: "a1" },
    { ...began, invocationId: "stale" },
    { ...began, requestId: "other" },
    { ...began, requestId: "__proto__" },
    ...requestIds(environment)
      .slice(1)
      .flatMap((requestId) => [{ ...began, requestId }, { ...began, requestId, answer: "error" } as const]),
    ...(environment.settings.initializationType === "snap-start" ? restoreCalls(call) : []),
  ];
}

function restoreCalls(call: CallId): readonly Input[] {
  return [
    { type: "runtime-restore-next", call },
    { type: "runtime-restore-error", call, errorType: "Runtime.AfterRestoreError" },
  ];
}

function extensionCalls(call: CallId, name: string, scope: Scope): readonly Input[] {
  const identifier = `identifier of ${name}`;
  const register = { type: "extension-register", call, name, identifier } as const;
  const error = { type: "extension-error", call, identifier, errorType: "Extension.Boom" } as const;
  return [
    ...scope.eventSets.map((events): Input => ({ ...register, events })),
    { type: "extension-next", call, identifier },
    { type: "extension-next", call, identifier: "unknown" },
    { ...error, report: "init-error" },
    { ...error, report: "exit-error" },
    { ...error, report: "exit-error", identifier: "unknown" },
  ];
}

function freeCall(ledger: Ledger): CallId {
  let call = 1;
  while (ledger.calls.includes(call)) call += 1;
  return call;
}
