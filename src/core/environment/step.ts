/**
 * What a Lambda execution environment does, as a pure function. An input changes the state of its party; then the
 * phase moves on as far as the state of all parties allows.
 */
import { unreachable } from "../../protocol/unreachable.ts";
import { andThen, type Effect, type Stepped, stepped } from "./effect.ts";
import { processExited, processStartFailed } from "./exits.ts";
import { extensionError, extensionNext, registerExtension } from "./extension-calls.ts";
import { beginInit, reportInitError, settleInit } from "./init.ts";
import type { Input } from "./input.ts";
import { acceptInvocation, settleInvoke, timeOut } from "./invoke.ts";
import { expire, settleManaged } from "./managed.ts";
import type { AlarmName, CallId, Environment, Instant } from "./model.ts";
import { beginRestore, reportRestoreError, restoreNext, restoreOverran, settleRestore } from "./restore.ts";
import { answerBegan, answerEnded, runtimeNext } from "./runtime-calls.ts";
import { close, initOverran, killEverybody, settleShutdown } from "./shutdown.ts";
import { managed, processorShare, withExtension, withRuntime } from "./views.ts";

/** The next state, and what the world has to do, in order. */
export function step(environment: Environment, input: Input, at: Instant): Stepped {
  const [moved, effects] = andThen(react(environment, input, at), (next) => settle(next, at));
  return [moved, [...shareProcessors(environment, moved), ...effects]];
}

/** Before everything else: who is told of an invocation may not work on it with the processors of its Init. */
function shareProcessors(before: Environment, after: Environment): readonly Effect[] {
  const share = processorShare(after);
  return share === processorShare(before) ? [] : [{ type: "share-processors", share }];
}

function react(environment: Environment, input: Input, at: Instant): Stepped {
  switch (input.type) {
    case "init":
      return environment.phase.at === "cold" ? beginInit(environment, at) : stepped(environment);
    case "invoke":
      return acceptInvocation(environment, input, at);
    case "shutdown":
      return close(environment, at);
    case "alarm":
      return alarm(environment, input.alarm, at);
    case "process-exited":
      return processExited(environment, input, at);
    case "process-start-failed":
      return processStartFailed(environment, input, at);
    case "call-dropped":
      return stepped(dropCall(environment, input.call));
    case "runtime-next":
      return runtimeNext(environment, input.call);
    case "answer-began":
      return answerBegan(environment, input, at);
    case "answer-ended":
      return answerEnded(environment, input, at);
    case "runtime-init-error":
      if (environment.runtime.at === "restoring") return reportRestoreError(environment, input);
      return reportInitError(environment, input, at);
    case "runtime-restore-next":
      return restoreNext(environment, input.call);
    case "runtime-restore-error":
      return reportRestoreError(environment, input);
    case "extension-register":
      return registerExtension(environment, input);
    case "extension-next":
      return extensionNext(environment, input.call, input.identifier);
    case "extension-error":
      return extensionError(environment, input);
    default:
      return unreachable(input);
  }
}

/** Repeats until nothing moves: a finished reset may begin the Init of an invocation that waits. */
function settle(environment: Environment, at: Instant): Stepped {
  const moved = settleOnce(environment, at);
  return moved[0] === environment ? moved : andThen(moved, (next) => settle(next, at));
}

function settleOnce(environment: Environment, at: Instant): Stepped {
  switch (environment.phase.at) {
    case "init":
      return settleInit(environment, environment.phase, at);
    case "snapshot":
      return Object.keys(environment.invocations).length > 0 ? beginRestore(environment, at) : stepped(environment);
    case "restore":
      return settleRestore(environment, environment.phase, at);
    case "invoke":
      if (managed(environment)) return settleManaged(environment, at);
      return settleInvoke(environment, environment.phase, at);
    case "shutdown":
      return settleShutdown(environment, environment.phase);
    case "cold":
      return Object.keys(environment.invocations).length > 0 ? beginInit(environment, at) : stepped(environment);
    case "idle":
      return managed(environment) ? settleManaged(environment, at) : stepped(environment);
    case "closed":
      return stepped(environment);
    default:
      return unreachable(environment.phase);
  }
}

function alarm(environment: Environment, name: AlarmName, at: Instant): Stepped {
  switch (name) {
    case "init":
      return initOverran(environment, at);
    case "restore":
      return restoreOverran(environment, at);
    case "runtime-kill":
      return stepped(environment, { type: "signal-process", process: "runtime", signal: "SIGKILL" });
    case "shutdown":
      return killEverybody(environment);
    default:
      return managed(environment) ? expire(environment, name.slice("timeout:".length)) : timeOut(environment, at);
  }
}

function dropCall(environment: Environment, call: CallId): Environment {
  const { runtime } = environment;
  if (runtime.at === "serving" && runtime.nextCalls.includes(call)) {
    return withRuntime(environment, { ...runtime, nextCalls: runtime.nextCalls.filter((other) => other !== call) });
  }
  if (runtime.at === "restore-ready" && runtime.call === call) return withRuntime(environment, { at: "restore-ready" });
  for (const [name, extension] of Object.entries(environment.extensions)) {
    if (extension.at !== "ready" || extension.call !== call) continue;
    const { kind, identifier, events } = extension;
    return withExtension(environment, name, { at: "away", kind, identifier, events });
  }
  return environment;
}
