/** Calls of the runtime: `next`, and the answers to invocations. The table of legal ones is RIE core/states.go. */
import { platformErrors, responseTooLarge, unknownError } from "../../protocol/function-error.ts";
import { limits } from "../../protocol/limits.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { runtimeRefusals, runtimeTransitionRefused, tooLarge } from "../../protocol/refusal.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { andThen, type Effect, type Outcome, refuse, type Stepped, stepped } from "./effect.ts";
import { initRuntimeDone } from "./init.ts";
import type { Input } from "./input.ts";
import { takeLate } from "./managed.ts";
import type { CallId, Environment, Instant, Invocation, RequestId } from "./model.ts";
import { answeringOn, deadlineOf, managed, own, runtimeStateName, withInvocation, withRuntime } from "./views.ts";

type AnswerBegan = Input & { type: "answer-began" };
type AnswerEnded = Input & { type: "answer-ended" };

/** GET /runtime/invocation/next: waits, gets the event in hand once more, or is refused. */
export function runtimeNext(environment: Environment, call: CallId): Stepped {
  const { runtime, phase } = environment;
  switch (runtime.at) {
    case "absent":
    case "init-error":
    case "restore-ready":
    case "restore-error":
      return refuse(environment, call, runtimeTransitionRefused(runtimeStateName(environment), "Ready"));
    case "started":
      return firstNext(withRuntime(environment, { at: "serving", nextCalls: [call] }));
    case "restoring":
      return stepped(withRuntime(environment, { at: "serving", nextCalls: [call] }));
    case "serving":
      if (runtime.nextCalls.length >= limits.idleNextCallsMax)
        return refuse(environment, call, runtimeRefusals.internal);
      if (phase.at === "invoke" && !managed(environment)) return nextDuringInvoke(environment, runtime.nextCalls, call);
      return stepped(withRuntime(environment, { at: "serving", nextCalls: [...runtime.nextCalls, call] }));
    default:
      return unreachable(runtime);
  }
}

/** The first `next` ends the runtime's part of Init, unless a shutdown has. */
function firstNext(environment: Environment): Stepped {
  const { phase } = environment;
  return phase.at === "init" ? initRuntimeDone(environment, phase) : stepped(environment);
}

function nextDuringInvoke(environment: Environment, nextCalls: readonly CallId[], call: CallId): Stepped {
  for (const [requestId, invocation] of Object.entries(environment.invocations)) {
    if (invocation.at === "delivered") {
      const deadlineAt = deadlineOf(environment, invocation.startedAt);
      return stepped(environment, { type: "answer-call", call, answer: { type: "invocation", requestId, deadlineAt } });
    }
    if (invocation.at === "answering" || invocation.at === "spoiled") {
      return refuse(environment, call, runtimeTransitionRefused(runtimeStateName(environment), "Ready"));
    }
  }
  return stepped(withRuntime(environment, { at: "serving", nextCalls: [...nextCalls, call] }));
}

/** POST …/{id}/response or …/{id}/error: the id is checked before the state. */
export function answerBegan(environment: Environment, input: AnswerBegan, at: Instant): Stepped {
  const invocation = own(environment.invocations, input.requestId);
  // A later attempt under the same request id is asked first: its own answer is not the late one.
  const forgotten = invocation === undefined ? takeLate(environment, input.requestId) : undefined;
  if (forgotten !== undefined) return refuse(forgotten, input.call, runtimeRefusals.invokeTimeout);
  const refusal = refusalOf(environment, input, invocation);
  if (refusal !== undefined) return refuse(environment, input.call, refusal);
  if (invocation?.at === "answering") return cutShort(environment, input, invocation);
  if (invocation?.at !== "delivered") return refuse(environment, input.call, runtimeRefusals.invalidRequestId);
  const { invocationId, startedAt } = invocation;
  if (input.mode === "invalid") return spoil(environment, input, { at: "spoiled", invocationId, startedAt });
  const { call, requestId } = input;
  const streamed = input.answer === "response" && input.mode === "streaming";
  const answer = streamed ? "stream" : input.answer;
  const answering = withInvocation(environment, requestId, {
    at: "answering",
    invocationId,
    startedAt,
    call,
    answer,
    beganAt: at,
  });
  return streamed ? stepped(answering, { type: "begin-stream", requestId, call }) : stepped(answering);
}

function refusalOf(
  environment: Environment,
  input: AnswerBegan,
  invocation: Invocation | undefined,
): Refusal | undefined {
  if (invocation === undefined || environment.phase.at === "restore") return runtimeRefusals.invalidRequestId;
  if (input.invocationId !== undefined && input.invocationId !== invocation.invocationId)
    return runtimeRefusals.invokeTimeout;
  if (environment.phase.at === "shutdown") return runtimeRefusals.invokeTimeout;
  if (invocation.at === "delivered") return undefined;
  if (managed(environment)) return cutsShort(input, invocation) ? undefined : runtimeRefusals.invalidRequestId;
  const to = input.answer === "response" ? "InvocationResponse" : "InvocationErrorResponse";
  return runtimeTransitionRefused(runtimeStateName(environment), to);
}

/** Managed Instances take an error while the response is still being read. RIE-LMI invoke/running_invoke.go */
function cutsShort(input: AnswerBegan, invocation: Invocation): boolean {
  return input.answer === "error" && invocation.at === "answering" && invocation.answer !== "error";
}

/** What has come of the response stands, and the error is how it ends; the rest of it would answer nobody any more. */
function cutShort(environment: Environment, input: AnswerBegan, invocation: Invocation & { at: "answering" }): Stepped {
  const { requestId, call } = input;
  const failing = withInvocation(environment, requestId, { ...invocation, call, answer: "error" });
  return refuse(failing, invocation.call, runtimeRefusals.invalidRequestId);
}

/** The caller gets the platform's error; the runtime is refused and can do nothing more with this invocation. */
function spoil(environment: Environment, input: AnswerBegan, spoiled: Invocation): Stepped {
  const error = { errorType: platformErrors.invalidResponseMode, errorMessage: "" };
  return stepped(
    withInvocation(environment, input.requestId, spoiled),
    { type: "refuse-call", call: input.call, refusal: runtimeRefusals.invalidResponseMode },
    { type: "complete-invocation", requestId: input.requestId, outcome: { type: "fault", error } },
  );
}

/** The body of an answer has been read: the caller gets its outcome now, whatever the extensions still do. */
export function answerEnded(environment: Environment, input: AnswerEnded, at: Instant): Stepped {
  const requestId = answeringOn(environment, input.call);
  const invocation = requestId === undefined ? undefined : environment.invocations[requestId];
  if (requestId === undefined || invocation?.at !== "answering") {
    return refuse(environment, input.call, runtimeRefusals.invokeTimeout);
  }
  const { invocationId, startedAt } = invocation;
  if (environment.phase.at === "shutdown") {
    const late = withInvocation(environment, requestId, { at: "delivered", invocationId, startedAt });
    return refuse(late, input.call, runtimeRefusals.invokeTimeout);
  }
  const bytes = input.ending === "complete" || invocation.answer === "stream" ? input.bytes : 0;
  const answered = withInvocation(environment, requestId, {
    at: "answered",
    invocationId,
    startedAt,
    bytes,
    read: { beganAt: invocation.beganAt, endedAt: at },
  });
  return andThen(stepped(answered, replyTo(invocation, input)), (next) =>
    complete(next, requestId, outcomeOf(invocation, input)),
  );
}

/** A stream that is cut at its limit is accepted all the same, as real ones are. */
function replyTo(invocation: Invocation & { at: "answering" }, input: AnswerEnded): Effect {
  const { call } = input;
  const ending = invocation.answer === "stream" && input.ending === "oversize" ? "complete" : input.ending;
  switch (ending) {
    case "complete":
      return { type: "answer-call", call, answer: { type: "accepted" } };
    case "truncated":
      return { type: "refuse-call", call, refusal: runtimeRefusals.truncated };
    case "oversize":
      return { type: "refuse-call", call, refusal: tooLarge(limits.payloadBytesMax) };
    default:
      return unreachable(ending);
  }
}

function outcomeOf(invocation: Invocation & { at: "answering" }, input: AnswerEnded): Outcome {
  if (invocation.answer === "stream") return streamOutcome(input);
  if (input.ending === "oversize") return { type: "fault", error: responseTooLarge() };
  if (invocation.answer === "error") {
    if (input.ending === "complete" && input.bytes > 0) return { type: "error", payloadOf: input.call };
    return { type: "fault", error: unknownError(input.errorType) };
  }
  if (input.ending === "complete") return { type: "response", payloadOf: input.call };
  return { type: "fault", error: { errorType: platformErrors.truncatedResponse, errorMessage: "" } };
}

function streamOutcome({ call, ending, errorType }: AnswerEnded): Outcome {
  const outcome = { type: "stream", payloadOf: call, ending } as const;
  return errorType === undefined ? outcome : { ...outcome, errorType };
}

function complete(environment: Environment, requestId: RequestId, outcome: Outcome): Stepped {
  return stepped(environment, { type: "complete-invocation", requestId, outcome });
}
