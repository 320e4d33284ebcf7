/** SnapStart: the runtime waits in `restore/next` while it is frozen, and again becomes one that serves within ten seconds. */
import { platformErrors, recordedErrorType } from "../../protocol/function-error.ts";
import { limits } from "../../protocol/limits.ts";
import { runtimeTransitionRefused } from "../../protocol/refusal.ts";
import { andThen, type Effect, refuse, type Stepped, stepped } from "./effect.ts";
import { initRuntimeDone } from "./init.ts";
import type { Input } from "./input.ts";
import { beginInvoke } from "./invoke.ts";
import { after, type CallId, type Environment, type Fault, type Instant, type Phase } from "./model.ts";
import { beginReset } from "./shutdown.ts";
import { runtimeStateName, withRuntime } from "./views.ts";

type RestorePhase = Phase & { at: "restore" };

/** GET /runtime/restore/next: the runtime's part of Init is over, as with `next`. RIE rapi/handler/restorenext.go */
export function restoreNext(environment: Environment, call: CallId): Stepped {
  const { runtime, phase } = environment;
  const waiting = withRuntime(environment, { at: "restore-ready", call });
  if (runtime.at === "started" && phase.at === "init") return initRuntimeDone(waiting, phase);
  if (runtime.at === "restore-ready" && runtime.call === undefined) return stepped(waiting);
  return refuse(environment, call, runtimeTransitionRefused(runtimeStateName(environment), "Ready"));
}

/** An invocation waits for the snapshot. */
export function beginRestore(environment: Environment, at: Instant): Stepped {
  return stepped(
    { ...environment, phase: { at: "restore", startedAt: at } },
    { type: "thaw" },
    { type: "set-alarm", alarm: "restore", at: after(at, limits.restoreTimeoutMs) },
    { type: "record", record: { type: "platform.restoreStart" } },
  );
}

/** A runtime that never asked for `restore/next` has nothing to do in a restore: it waits in `next` already. */
export function settleRestore(environment: Environment, phase: RestorePhase, at: Instant): Stepped {
  const { runtime } = environment;
  if (runtime.at === "restore-ready" && runtime.call !== undefined) {
    const restoring = withRuntime(environment, { at: "restoring" });
    return stepped(restoring, { type: "answer-call", call: runtime.call, answer: { type: "restored" } });
  }
  return runtime.at === "serving" ? endRestore(environment, phase, at) : stepped(environment);
}

function endRestore(environment: Environment, phase: RestorePhase, at: Instant): Stepped {
  const durationMs = at - phase.startedAt;
  const ended = stepped(
    { ...environment, phase: { at: "idle", restoreDurationMs: durationMs } },
    { type: "clear-alarm", alarm: "restore" },
    { type: "record", record: { type: "platform.restoreRuntimeDone", status: "success" } },
    { type: "record", record: { type: "platform.restoreReport", status: "success", durationMs } },
  );
  return andThen(ended, (next) => beginInvoke(next, at));
}

/**
 * POST /runtime/restore/error, or /runtime/init/error after `restore/next` was answered: the caller is told at once, and
 * the process is expected to exit. RIE core/states.go and handler/initerror.go
 */
export function reportRestoreError(
  environment: Environment,
  input: Input & { type: "runtime-restore-error" | "runtime-init-error" },
): Stepped {
  if (environment.runtime.at !== "restoring") {
    const refusal = runtimeTransitionRefused(runtimeStateName(environment), "RuntimeRestoreErrorState");
    return refuse(environment, input.call, refusal);
  }
  const errorType = recordedErrorType(input.errorType);
  const refused = Object.keys(environment.invocations).map(
    (requestId): Effect => ({
      type: "complete-invocation",
      requestId,
      outcome: { type: "refused", refusal: "SnapStartException" },
    }),
  );
  return stepped(
    { ...withRuntime(environment, { at: "restore-error", errorType }), invocations: {} },
    { type: "answer-call", call: input.call, answer: { type: "accepted" } },
    { type: "record", record: { type: "platform.restoreRuntimeDone", status: "error", errorType } },
    ...refused,
  );
}

/** The restore took longer than its limit, or its runtime said that it would exit and did not. */
export function restoreOverran(environment: Environment, at: Instant): Stepped {
  const fault: Fault = {
    status: "timeout",
    errorType: platformErrors.restoreTimedOut,
    cause: "The restore timed out",
    refusal: "SnapStartTimeoutException",
  };
  return beginReset(environment, fault, at);
}
