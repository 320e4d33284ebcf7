/** The Invoke phase: from the event's delivery until the runtime and every subscribed extension have asked for `next`. */
import { platformErrors } from "../../protocol/function-error.ts";
import { timeoutSentence } from "../../protocol/timeout-payload.ts";
import { invariant } from "../../protocol/unreachable.ts";
import { andThen, type Stepped, stepped } from "./effect.ts";
import type { Input } from "./input.ts";
import { acceptManaged } from "./managed.ts";
import type { Environment, Extension, Fault, Instant, Invocation, Phase, RequestId } from "./model.ts";
import { overheadSpans, runtimeDoneRecord } from "./records.ts";
import { beginReset } from "./shutdown.ts";
import { coldStartOf, deadlineOf, managed, withExtension, withInvocation } from "./views.ts";

/** Takes an invocation that was placed here: at once when idle, else when the Init that it finds or causes has ended. */
export function acceptInvocation(environment: Environment, input: Input & { type: "invoke" }, at: Instant): Stepped {
  const { phase, invocations, settings } = environment;
  const open =
    ["cold", "init", "snapshot", "idle"].includes(phase.at) || (managed(environment) && phase.at === "invoke");
  invariant(open, "an invocation is placed where it can run");
  invariant(Object.keys(invocations).length < settings.invocationsMax, "no more invocations are in hand than fit");
  if (managed(environment)) return acceptManaged(environment, input);
  const { requestId, invocationId } = input;
  const accepted = withInvocation(environment, requestId, { at: "pending", invocationId });
  return phase.at === "idle"
    ? andThen(stepped(accepted, { type: "thaw" }), (next) => beginInvoke(next, at))
    : stepped(accepted);
}

/** Begins the Invoke phase of every invocation that waits. One that began with an Init inside it keeps its clock. */
export function beginInvoke(environment: Environment, at: Instant): Stepped {
  invariant(environment.phase.at === "idle", "an Invoke phase begins when Init is over");
  const begun: Environment = { ...environment, phase: { ...environment.phase, at: "invoke" } };
  return Object.entries(environment.invocations).reduce<Stepped>(
    (sum, [requestId, invocation]) => andThen(sum, (next) => beginInvocation(next, requestId, invocation, at)),
    stepped(begun),
  );
}

function beginInvocation(environment: Environment, requestId: RequestId, invocation: Invocation, at: Instant): Stepped {
  const startedAt = invocation.startedAt ?? at;
  const deadlineAt = deadlineOf(environment, startedAt);
  const pending = withInvocation(environment, requestId, {
    at: "pending",
    invocationId: invocation.invocationId,
    startedAt,
  });
  const started = stepped(
    pending,
    { type: "set-alarm", alarm: `timeout:${requestId}`, at: deadlineAt },
    { type: "record", record: { type: "platform.start", requestId } },
  );
  return Object.entries(environment.extensions).reduce<Stepped>(
    (sum, [name, extension]) => andThen(sum, (next) => tellExtension(next, name, extension, requestId, deadlineAt)),
    started,
  );
}

function tellExtension(
  environment: Environment,
  name: string,
  extension: Extension,
  requestId: RequestId,
  deadlineAt: Instant,
): Stepped {
  if (extension.at !== "ready" && extension.at !== "away") return stepped(environment);
  if (!extension.events.includes("INVOKE")) return stepped(environment);
  const { kind, identifier, events } = extension;
  if (extension.at === "away") {
    return stepped(withExtension(environment, name, { at: "away", kind, identifier, events, owed: "INVOKE" }));
  }
  const running = withExtension(environment, name, { at: "running", kind, identifier, events, event: "INVOKE" });
  const answer = { type: "invoke-event", requestId, deadlineAt } as const;
  return stepped(running, { type: "answer-call", call: extension.call, answer });
}

/** Hands events to a runtime that waits; ends the phase when everybody waits again. */
export function settleInvoke(environment: Environment, phase: Phase & { at: "invoke" }, at: Instant): Stepped {
  const { runtime } = environment;
  if (runtime.at !== "serving") return stepped(environment);
  const [call, ...nextCalls] = runtime.nextCalls;
  if (call === undefined) return cameBack(environment) ? endInvoke(environment, phase, at) : stepped(environment);
  for (const [requestId, invocation] of Object.entries(environment.invocations)) {
    if (invocation.at !== "pending" || invocation.startedAt === undefined) continue;
    const { invocationId, startedAt } = invocation;
    const delivered: Invocation = { at: "delivered", invocationId, startedAt };
    const taken: Environment = { ...environment, runtime: { at: "serving", nextCalls } };
    const answer = { type: "invocation", requestId, deadlineAt: deadlineOf(environment, startedAt) } as const;
    return stepped(withInvocation(taken, requestId, delivered), { type: "answer-call", call, answer });
  }
  return endInvoke(environment, phase, at);
}

/** The runtime has called `next` after its answer; that its connection was lost since then takes nothing back. */
function cameBack(environment: Environment): boolean {
  return Object.values(environment.invocations).some(
    (invocation) => invocation.at === "answered" && invocation.runtimeDoneAt !== undefined,
  );
}

/** The runtime waits in `next`, or has, so whatever is answered is done on its side. */
function endInvoke(environment: Environment, phase: Phase & { at: "invoke" }, at: Instant): Stepped {
  const [requestId, invocation] = Object.entries(environment.invocations)[0] ?? [];
  if (requestId === undefined || invocation?.at !== "answered") return stepped(environment);
  if (invocation.runtimeDoneAt === undefined) {
    const done = withInvocation(environment, requestId, { ...invocation, runtimeDoneAt: at });
    return stepped(done, runtimeDoneRecord(requestId, invocation, { status: "success" }, at));
  }
  if (Object.values(environment.extensions).some(busy)) return stepped(environment);
  const { [requestId]: _, ...invocations } = environment.invocations;
  return stepped(
    { ...environment, phase: { at: "idle" }, invocations },
    { type: "clear-alarm", alarm: `timeout:${requestId}` },
    {
      type: "record",
      record: {
        type: "platform.report",
        requestId,
        status: "success",
        durationMs: at - invocation.startedAt,
        ...coldStartOf(phase),
        ...overheadSpans(environment, invocation, at),
      },
    },
    { type: "freeze" },
  );
}

/** A subscribed extension that has not come back to `next`, has an event waiting there, or has yet to exit. */
function busy(extension: Extension): boolean {
  if (extension.at === "away") return extension.owed !== undefined;
  if (extension.at === "exit-error") return true;
  return extension.at === "running" && extension.event === "INVOKE";
}

/** The function's time-out, which counts the runtime, the extensions and an Init inside the invocation alike. */
export function timeOut(environment: Environment, at: Instant): Stepped {
  const fault: Fault = {
    status: "timeout",
    errorType: platformErrors.timedOut,
    cause: timeoutSentence(environment.settings.timeoutMs),
  };
  return beginReset(environment, fault, at);
}
