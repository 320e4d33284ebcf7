/** The Shutdown phase, at the end of an environment's life and inside a reset: the runtime first, then the extensions. */

import { platformErrors } from "../../protocol/function-error.ts";
import { limits } from "../../protocol/limits.ts";
import { andThen, type Effect, type Stepped, stepped } from "./effect.ts";
import type { ProcessName, RequestId, ShutdownPhase } from "./model.ts";
import { after, type Environment, type Extension, type Fault, type Instant, type Invocation } from "./model.ts";
import { extensionRecords, failureOf, runtimeDoneRecord } from "./records.ts";
import { deadlineOf, processesAlive, withExtension, withoutProcess, withRuntime } from "./views.ts";

/**
 * Something failed: everything is stopped, and the next invocation (or the one that waits) repeats Init. Where a process
 * left, the records of a failed Init say how it stood until then.
 */
export function beginReset(environment: Environment, fault: Fault, at: Instant, gone?: ProcessName): Stepped {
  const reason = fault.status === "timeout" ? "timeout" : "failure";
  return andThen(initFailed(environment, fault, at), (next) =>
    beginShutdown(gone === undefined ? next : withoutProcess(next, gone), { reason, next: "reset", fault }, at),
  );
}

/** The environment is no longer needed. Invocations still in hand are told that the platform failed them. */
export function close(environment: Environment, at: Instant): Stepped {
  const { phase } = environment;
  if (phase.at === "closed") return stepped(environment);
  const fault: Fault = {
    status: "failure",
    errorType: "Sandbox.Failure",
    cause: "The execution environment was shut down",
  };
  if (phase.at === "shutdown")
    return stepped({ ...environment, phase: { ...phase, fault: phase.fault ?? fault, next: "close" } });
  const begun = stepped(environment, ...(phase.at === "init" ? startRecords(environment) : []));
  return andThen(begun, (next) => beginShutdown(next, { reason: "spindown", next: "close", fault }, at));
}

/** Init took longer than its limit: it is repeated inside the invocation that waits, or the first to come. */
export function initOverran(environment: Environment, at: Instant): Stepped {
  return beginReset(
    environment,
    { status: "timeout", errorType: platformErrors.timedOut, cause: "Init timed out" },
    at,
  );
}

/** The records of an Init that did not succeed. */
function initFailed(environment: Environment, fault: Fault, at: Instant): Stepped {
  const { phase } = environment;
  if (phase.at !== "init") return stepped(environment);
  const facts = { phase: phase.initPhase, ...failureOf(fault) } as const;
  const runtimeDone: Effect = { type: "record", record: { type: "platform.initRuntimeDone", ...facts } };
  return stepped(
    environment,
    ...(phase.runtimeDone ? [] : [runtimeDone]),
    ...extensionRecords(environment),
    { type: "record", record: { type: "platform.initReport", ...facts, durationMs: at - phase.startedAt } },
    ...startRecords(environment),
  );
}

/** An invocation that is cut off in the Init inside it has started all the same. */
function startRecords(environment: Environment): readonly Effect[] {
  const started = Object.entries(environment.invocations).filter(
    ([, invocation]) => invocation.startedAt !== undefined,
  );
  return started.map(([requestId]): Effect => ({ type: "record", record: { type: "platform.start", requestId } }));
}

type Plan = Pick<ShutdownPhase, "reason" | "next" | "fault">;

function beginShutdown(environment: Environment, plan: Plan, at: Instant): Stepped {
  const deadlineAt = after(at, budgetMs(environment));
  const cutOff = environment.phase.at === "invoke" ? environment.phase.initDurationMs : undefined;
  const initDuration = cutOff === undefined ? {} : { initDurationMs: cutOff };
  const phase: ShutdownPhase = {
    at: "shutdown",
    ...plan,
    startedAt: at,
    deadlineAt,
    stage: "runtime",
    ...initDuration,
  };
  const thaw: readonly Effect[] = environment.phase.at === "idle" ? [{ type: "thaw" }] : [];
  const timeouts = Object.keys(environment.invocations).map(
    (requestId): Effect => ({ type: "clear-alarm", alarm: `timeout:${requestId}` }),
  );
  return stepped(
    { ...environment, phase },
    ...cutOffRecords(environment, plan, at),
    ...thaw,
    { type: "clear-alarm", alarm: "init" },
    ...timeouts,
    ...stopRuntime(environment, deadlineAt, at),
  );
}

/** The runtime will do no more for its invocations; whoever is told of that must be alive to hear it. RIE rapid/handlers.go */
function cutOffRecords(environment: Environment, { fault }: Plan, at: Instant): readonly Effect[] {
  return Object.entries(environment.invocations).flatMap(([requestId, invocation]) => {
    if (fault === undefined || invocation.startedAt === undefined) return [];
    if (invocation.at === "answered" && invocation.runtimeDoneAt !== undefined) return [];
    const ending = { ...failureOf(fault), cause: fault.cause };
    return [
      runtimeDoneRecord(requestId, invocation, ending, Math.min(at, deadlineOf(environment, invocation.startedAt))),
    ];
  });
}

/** DG/lambda-runtime-environment.html: 0, 500 or 2,000 ms by the kind of extensions there are. */
function budgetMs(environment: Environment): number {
  if (hasExternal(environment)) return limits.shutdownExternalMs;
  return Object.keys(environment.extensions).length > 0 ? limits.shutdownInternalMs : 0;
}

function stopRuntime(environment: Environment, deadlineAt: Instant, at: Instant): readonly Effect[] {
  if (environment.runtime.at === "absent") return [];
  if (deadlineAt === at) return [{ type: "signal-process", process: "runtime", signal: "SIGKILL" }];
  const killAt = hasExternal(environment) ? after(at, limits.shutdownRuntimeMs) : deadlineAt;
  return [
    { type: "signal-process", process: "runtime", signal: "SIGTERM" },
    { type: "set-alarm", alarm: "runtime-kill", at: killAt },
  ];
}

function hasExternal(environment: Environment): boolean {
  return Object.values(environment.extensions).some((extension) => extension.kind === "external");
}

/** Moves to the extensions when the runtime is gone, and out of the phase when everybody is. */
export function settleShutdown(environment: Environment, phase: ShutdownPhase): Stepped {
  if (phase.stage === "runtime")
    return environment.runtime.at === "absent" ? tellExtensions(environment, phase) : stepped(environment);
  return processesAlive(environment).length === 0 ? endShutdown(environment, phase) : stepped(environment);
}

function tellExtensions(environment: Environment, phase: ShutdownPhase): Stepped {
  const staged: Environment = { ...environment, phase: { ...phase, stage: "extensions" } };
  const alive = processesAlive(environment).length > 0;
  const deadline: readonly Effect[] = alive ? [{ type: "set-alarm", alarm: "shutdown", at: phase.deadlineAt }] : [];
  return Object.entries(staged.extensions).reduce<Stepped>(
    (sum, [name, extension]) => andThen(sum, (next) => tellExtension(next, phase, name, extension)),
    stepped(staged, { type: "clear-alarm", alarm: "runtime-kill" }, ...deadline),
  );
}

/** SHUTDOWN to those that asked for it, now or at their next `next`; the others are killed at once. */
function tellExtension(environment: Environment, phase: ShutdownPhase, name: string, extension: Extension): Stepped {
  if (extension.kind === "internal" || extension.at === "exited") return stepped(environment);
  const working = extension.at === "registered" || extension.at === "running" || extension.at === "away";
  const subscribed = extension.at !== "launched" && extension.events.includes("SHUTDOWN");
  if (subscribed && working) return stepped(environment);
  if (!subscribed || extension.at !== "ready") {
    return stepped(environment, { type: "signal-process", process: `extension:${name}`, signal: "SIGKILL" });
  }
  const { call, ...registered } = extension;
  const running = withExtension(environment, name, { ...registered, at: "running", event: "SHUTDOWN" });
  return stepped(running, shutdownEvent(phase, call));
}

/** Answers an extension's `next` with SHUTDOWN. */
export function shutdownEvent(phase: ShutdownPhase, call: number): Effect {
  const { reason, deadlineAt } = phase;
  return { type: "answer-call", call, answer: { type: "shutdown-event", reason, deadlineAt } };
}

/** The shutdown deadline: whoever is left is killed. */
export function killEverybody(environment: Environment): Stepped {
  const kills = processesAlive(environment).map(
    (process: ProcessName): Effect => ({ type: "signal-process", process, signal: "SIGKILL" }),
  );
  return stepped(environment, ...kills);
}

/** Everybody is gone: invocations get their outcome, except those that wait for the Init that follows a reset. */
function endShutdown(environment: Environment, phase: ShutdownPhase): Stepped {
  const ended: Environment = {
    ...withRuntime(environment, { at: "absent" }),
    phase: phase.next === "reset" ? { at: "cold", initPhase: "invoke" } : { at: "closed" },
    extensions: {},
    invocations: {},
  };
  return Object.entries(environment.invocations).reduce<Stepped>(
    (sum, [requestId, invocation]) => andThen(sum, (next) => endInvocation(next, phase, requestId, invocation)),
    stepped(ended, { type: "clear-alarm", alarm: "shutdown" }),
  );
}

function endInvocation(
  environment: Environment,
  phase: ShutdownPhase,
  requestId: RequestId,
  invocation: Invocation,
): Stepped {
  if (invocation.at === "pending" && invocation.startedAt === undefined && phase.next === "reset") {
    return stepped({ ...environment, invocations: { ...environment.invocations, [requestId]: invocation } });
  }
  const { fault } = phase;
  const answered = invocation.at === "answered" || invocation.at === "spoiled";
  const completion: readonly Effect[] = answered || fault === undefined ? [] : [failInvocation(requestId, fault)];
  return stepped(environment, ...completion, ...failureReport(environment, phase, requestId, invocation));
}

function failInvocation(requestId: RequestId, fault: Fault): Effect {
  const errorMessage = `RequestId: ${requestId} Error: ${fault.cause}`;
  const outcome = { type: "fault", error: { errorType: fault.errorType, errorMessage } } as const;
  return { type: "complete-invocation", requestId, outcome };
}

/** The report of an invocation that a shutdown cut off; a time-out's duration never exceeds the time-out. */
function failureReport(
  environment: Environment,
  phase: ShutdownPhase,
  requestId: RequestId,
  invocation: Invocation,
): readonly Effect[] {
  const { fault, initDurationMs } = phase;
  if (fault === undefined || invocation.startedAt === undefined) return [];
  const durationMs = Math.min(phase.startedAt - invocation.startedAt, environment.settings.timeoutMs);
  const initDuration = initDurationMs === undefined ? {} : { initDurationMs };
  const facts = { requestId, durationMs, ...failureOf(fault), ...initDuration } as const;
  return [{ type: "record", record: { type: "platform.report", ...facts } }];
}
