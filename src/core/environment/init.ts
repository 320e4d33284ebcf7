/** The Init phase: extensions one after another, then the runtime, then everybody asks for `next`. */
import { recordedErrorType, unknownError } from "../../protocol/function-error.ts";
import { runtimeTransitionRefused } from "../../protocol/refusal.ts";
import { invariant, unreachable } from "../../protocol/unreachable.ts";
import { andThen, type Effect, type Outcome, refuse, type Stepped, stepped } from "./effect.ts";
import type { Input } from "./input.ts";
import { beginInvoke } from "./invoke.ts";
import { after, type Environment, type Extension, type Instant, type Phase } from "./model.ts";
import { extensionRecords } from "./records.ts";
import {
  deadlineOf,
  managed,
  repeatsInit,
  runtimeStateName,
  withInvocation,
  withoutInvocation,
  withRuntime,
} from "./views.ts";

/** Starts the external extensions. Inside an invocation the function's time-out bounds it, else the Init limit. */
export function beginInit(environment: Environment, at: Instant): Stepped {
  invariant(environment.phase.at === "cold", "an Init phase begins in a cold environment");
  const { initPhase } = environment.phase;
  const limited = initPhase === "invoke" ? startPending(environment, at) : limitInit(environment, at);
  return andThen(limited, (next) => {
    const names = environment.settings.externalExtensions;
    const launched: Extension = { at: "launched", kind: "external" };
    const extensions = Object.fromEntries(names.map((name) => [name, launched]));
    const phase: Phase = { at: "init", initPhase, startedAt: at, runtimeDone: false };
    return stepped(
      { ...next, phase, extensions },
      { type: "record", record: { type: "platform.initStart", phase: initPhase } },
      ...names.map((name): Effect => ({ type: "start-process", process: `extension:${name}` })),
    );
  });
}

function limitInit(environment: Environment, at: Instant): Stepped {
  const limit: Effect = { type: "set-alarm", alarm: "init", at: after(at, environment.settings.initTimeoutMs) };
  return stepped(environment, limit);
}

/** The clock of an invocation whose Init is repeated inside it runs from here. An Init that nobody waits for is limited. */
function startPending(environment: Environment, at: Instant): Stepped {
  const waiting = Object.entries(environment.invocations);
  if (waiting.length === 0) return limitInit(environment, at);
  return waiting.reduce<Stepped>(
    (sum, [requestId, invocation]) =>
      andThen(sum, (next) =>
        stepped(
          withInvocation(next, requestId, { at: "pending", invocationId: invocation.invocationId, startedAt: at }),
          { type: "set-alarm", alarm: `timeout:${requestId}`, at: deadlineOf(next, at) },
        ),
      ),
    stepped(environment),
  );
}

/** Starts the runtime when every external extension has registered; ends Init when everybody waits in `next`. */
export function settleInit(environment: Environment, phase: Phase & { at: "init" }, at: Instant): Stepped {
  const { runtime } = environment;
  const extensions = Object.values(environment.extensions);
  if (runtime.at === "absent") {
    if (extensions.some((extension) => extension.at === "launched")) return stepped(environment);
    return stepped(withRuntime(environment, { at: "started" }), { type: "start-process", process: "runtime" });
  }
  const ready = extensions.every((extension) => extension.at === "ready" || extension.at === "away");
  const waits = runtime.at === "serving" || runtime.at === "restore-ready";
  return waits && ready ? endInit(environment, phase, at) : stepped(environment);
}

function endInit(environment: Environment, phase: Phase & { at: "init" }, at: Instant): Stepped {
  const durationMs = at - phase.startedAt;
  const ended = stepped(
    { ...environment, phase: phaseAfterInit(environment, phase, durationMs) },
    { type: "clear-alarm", alarm: "init" },
    ...extensionRecords(environment),
    {
      type: "record",
      record: { type: "platform.initReport", phase: phase.initPhase, status: "success", durationMs },
    },
  );
  if (managed(environment)) return ended;
  const waiting = Object.keys(environment.invocations).length > 0;
  return andThen(ended, (next) =>
    waiting && next.phase.at === "idle" ? beginInvoke(next, at) : stepped(next, { type: "freeze" }),
  );
}

/** The first REPORT tells of an Init that came before; that of a snapshot came long before, and others have none to tell of. */
function phaseAfterInit({ settings }: Environment, { initPhase }: Phase & { at: "init" }, durationMs: number): Phase {
  switch (settings.initializationType) {
    case "snap-start":
      return { at: "snapshot" };
    case "lambda-managed-instances":
      return { at: "idle" };
    case "on-demand":
    case "provisioned-concurrency":
      return initPhase === "init" ? { at: "idle", initDurationMs: durationMs } : { at: "idle" };
    default:
      return unreachable(settings.initializationType);
  }
}

/** The runtime's part of Init is over, which closes the registration of extensions. */
export function initRuntimeDone(environment: Environment, phase: Phase & { at: "init" }): Stepped {
  return stepped(
    { ...environment, phase: { ...phase, runtimeDone: true } },
    { type: "record", record: { type: "platform.initRuntimeDone", phase: phase.initPhase, status: "success" } },
  );
}

/**
 * POST /runtime/init/error. In an Init that runs inside an invocation the caller gets the body at once; otherwise the
 * failed Init is repeated there. RIE rapidcore/server.go
 */
export function reportInitError(
  environment: Environment,
  input: Input & { type: "runtime-init-error" },
  at: Instant,
): Stepped {
  const { phase, runtime } = environment;
  if (runtime.at !== "started" || phase.at !== "init") {
    return refuse(environment, input.call, runtimeTransitionRefused(runtimeStateName(environment), "InitError"));
  }
  const errorType = recordedErrorType(input.errorType);
  const reported = stepped(
    withRuntime(environment, { at: "init-error", errorType }),
    { type: "answer-call", call: input.call, answer: { type: "accepted" } },
    {
      type: "record",
      record: { type: "platform.initRuntimeDone", phase: phase.initPhase, status: "error", errorType },
    },
  );
  const done = { ...phase, runtimeDone: true };
  return andThen(reported, (next) => answerWithInitError({ ...next, phase: done }, input, at));
}

/** Only an invocation that an Init runs inside has begun; others wait for the next Init, where there will be one for them. */
function answerWithInitError(
  environment: Environment,
  input: Input & { type: "runtime-init-error" },
  at: Instant,
): Stepped {
  const waiting = Object.entries(environment.invocations);
  return waiting.reduce<Stepped>(
    (sum, [requestId, invocation]) =>
      andThen(sum, (next) => {
        const { invocationId, startedAt } = invocation;
        if (startedAt === undefined && repeatsInit(next)) return stepped(next);
        const outcome: Outcome =
          input.bytes > 0
            ? { type: "error", payloadOf: input.call }
            : { type: "fault", error: unknownError(input.errorType) };
        const { bytes } = input;
        const done =
          startedAt === undefined
            ? withoutInvocation(next, requestId)
            : withInvocation(next, requestId, { at: "answered", invocationId, startedAt, bytes, runtimeDoneAt: at });
        return stepped(done, { type: "complete-invocation", requestId, outcome });
      }),
    stepped(environment),
  );
}
