/** The Shutdown phase, at the end of an environment's life and inside a reset: the runtime first, then the extensions. */

import { platformErrors } from "../../protocol/function-error.ts";
import { limits } from "../../protocol/limits.ts";
import { andThen, type Effect, type Stepped, stepped } from "./effect.ts";
import type { InitPhase, ProcessName, RequestId, ShutdownPhase } from "./model.ts";
import { after, type Environment, type Extension, type Fault, type Instant, type Invocation } from "./model.ts";
import { extensionRecords, failureOf, overheadSpans, runtimeDoneRecord } from "./records.ts";
import {
  coldStartOf,
  deadlineOf,
  frozen,
  managed,
  processesAlive,
  repeatsInit,
  withExtension,
  withoutProcess,
  withRuntime,
} from "./views.ts";

/**
 * Something failed: everything is stopped, and the next invocation (or the one that waits) repeats Init. Where a process
 * left, the records of a failed Init say how it stood until then. On Managed Instances the environment ends instead.
 */
export function beginReset(environment: Environment, fault: Fault, at: Instant, gone?: ProcessName): Stepped {
  const reason = fault.status === "timeout" ? "timeout" : "failure";
  const next = managed(environment) ? "close" : "reset";
  return andThen(phaseFailed(environment, fault, at), (failed) =>
    beginShutdown(gone === undefined ? failed : withoutProcess(failed, gone), { reason, next, fault }, at),
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

/** The records of an Init or a restore that did not succeed. */
function phaseFailed(environment: Environment, fault: Fault, at: Instant): Stepped {
  const { phase } = environment;
  if (phase.at === "restore") return stepped(environment, ...restoreFailed(environment, phase.startedAt, fault, at));
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

function restoreFailed({ runtime }: Environment, startedAt: Instant, fault: Fault, at: Instant): readonly Effect[] {
  const failure = failureOf(fault);
  const durationMs = at - startedAt;
  const runtimeDone: Effect = { type: "record", record: { type: "platform.restoreRuntimeDone", ...failure } };
  return [
    ...(runtime.at === "restore-error" ? [] : [runtimeDone]),
    { type: "record", record: { type: "platform.restoreReport", ...failure, durationMs } },
  ];
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
  const phase: ShutdownPhase = {
    at: "shutdown",
    ...plan,
    startedAt: at,
    deadlineAt,
    stage: "runtime",
    ...(environment.phase.at === "invoke" ? coldStartOf(environment.phase) : {}),
  };
  const thaw: readonly Effect[] = frozen(environment) ? [{ type: "thaw" }] : [];
  const timeouts = Object.keys(environment.invocations).map(
    (requestId): Effect => ({ type: "clear-alarm", alarm: `timeout:${requestId}` }),
  );
  return stepped(
    { ...environment, phase },
    ...cutOffRecords(environment, plan, at),
    ...thaw,
    { type: "clear-alarm", alarm: "init" },
    ...(environment.phase.at === "restore" ? [{ type: "clear-alarm", alarm: "restore" } as const] : []),
    ...timeouts,
    ...stopRuntime(environment, deadlineAt, at),
  );
}

/** The runtime will do no more for its invocations; whoever is told of that must be alive to hear it. RIE rapid/handlers.go */
function cutOffRecords(environment: Environment, { fault }: Plan, at: Instant): readonly Effect[] {
  if (managed(environment)) return [];
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
  const killAt = hasExternal(environment) ? after(at, environment.settings.runtimeShutdownMs) : deadlineAt;
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
    phase: phase.next === "reset" ? { at: "cold", initPhase: nextInit(environment) } : { at: "closed" },
    extensions: {},
    invocations: {},
  };
  return Object.entries(environment.invocations).reduce<Stepped>(
    (sum, [requestId, invocation]) => {
      const report = failureReport(environment, phase, requestId, invocation);
      return andThen(sum, (next) => endInvocation(next, phase, requestId, invocation, report));
    },
    stepped(ended, { type: "clear-alarm", alarm: "shutdown" }),
  );
}

/** A snapshot is made anew, ahead of the invocation that it is restored for. */
function nextInit(environment: Environment): InitPhase {
  return repeatsInit(environment) ? "invoke" : "init";
}

function endInvocation(
  environment: Environment,
  phase: ShutdownPhase,
  requestId: RequestId,
  invocation: Invocation,
  report: readonly Effect[],
): Stepped {
  const waiting = invocation.at === "pending" && invocation.startedAt === undefined;
  if (waiting && phase.next === "reset" && repeatsInit(environment)) {
    return stepped({ ...environment, invocations: { ...environment.invocations, [requestId]: invocation } });
  }
  const { fault } = phase;
  const answered = invocation.at === "answered" || invocation.at === "spoiled";
  const completion: readonly Effect[] =
    answered || fault === undefined ? [] : [failInvocation(environment, requestId, invocation, fault)];
  return stepped(environment, ...completion, ...report);
}

/** What an Init that overran tells a caller is not that the function did. */
function failInvocation(environment: Environment, requestId: RequestId, invocation: Invocation, fault: Fault): Effect {
  const { timeoutMs } = environment.settings;
  const { refusal } = fault;
  if (refusal !== undefined) return { type: "complete-invocation", requestId, outcome: { type: "refused", refusal } };
  if (fault.status === "timeout" && invocation.startedAt !== undefined)
    return { type: "complete-invocation", requestId, outcome: { type: "timeout", timeoutMs } };
  const errorMessage = `RequestId: ${requestId} Error: ${fault.cause}`;
  const outcome = { type: "fault", error: { errorType: fault.errorType, errorMessage } } as const;
  return { type: "complete-invocation", requestId, outcome };
}

/** The report of an invocation that a shutdown cut off; nothing of a time-out lasts longer than the time-out. Seen in real reports. */
function failureReport(
  environment: Environment,
  phase: ShutdownPhase,
  requestId: RequestId,
  invocation: Invocation,
): readonly Effect[] {
  const { fault } = phase;
  if (fault === undefined || invocation.startedAt === undefined) return [];
  const endedAt = Math.min(phase.startedAt, deadlineOf(environment, invocation.startedAt));
  const durationMs = endedAt - invocation.startedAt;
  const spans = overheadSpans(environment, invocation, endedAt);
  const facts = { requestId, durationMs, ...failureOf(fault), ...coldStartOf(phase), ...spans } as const;
  return [{ type: "record", record: { type: "platform.report", ...facts } }];
}
