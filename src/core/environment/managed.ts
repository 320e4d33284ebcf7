/**
 * Managed Instances: invocations side by side, each on a clock of its own. Nothing is frozen between them, and none of
 * them resets the environment. RIE lambda-managed-instances/invoke, DG/lambda-managed-instances-execution-environment.html
 */
import { limits } from "../../protocol/limits.ts";
import { runtimeRefusals } from "../../protocol/refusal.ts";
import { type Effect, type Stepped, stepped } from "./effect.ts";
import type { Input } from "./input.ts";
import type { Environment, Instant, Invocation, RequestId } from "./model.ts";
import { responseSpans } from "./records.ts";
import { deadlineOf, slotsOf, withInvocation } from "./views.ts";

/** Takes an invocation where a `next` waits for it; who comes when none does is told at once. */
export function acceptManaged(environment: Environment, input: Input & { type: "invoke" }): Stepped {
  const { requestId, invocationId } = input;
  if (slotsOf(environment) === 0) {
    const outcome = { type: "refused", refusal: "Runtime.Unavailable" } as const;
    return stepped(environment, { type: "complete-invocation", requestId, outcome });
  }
  return stepped(withInvocation(environment, requestId, { at: "pending", invocationId }));
}

/** One move: what is done leaves, what waits begins, what has begun goes to a `next`; then the phase says whether anything is left. */
export function settleManaged(environment: Environment, at: Instant): Stepped {
  const { runtime, phase } = environment;
  const invocations = Object.entries(environment.invocations);
  for (const [requestId, invocation] of invocations) {
    if (invocation.at === "answered" || invocation.at === "spoiled")
      return release(environment, requestId, invocation, at);
    if (invocation.at === "pending" && invocation.startedAt === undefined)
      return begin(environment, requestId, invocation, at);
  }
  const [call, ...nextCalls] = runtime.at === "serving" ? runtime.nextCalls : [];
  for (const [requestId, invocation] of invocations) {
    if (call === undefined || invocation.at !== "pending" || invocation.startedAt === undefined) continue;
    const { invocationId, startedAt } = invocation;
    const taken: Environment = { ...environment, runtime: { at: "serving", nextCalls } };
    const answer = { type: "invocation", requestId, deadlineAt: deadlineOf(environment, startedAt) } as const;
    const delivered = withInvocation(taken, requestId, { at: "delivered", invocationId, startedAt });
    return stepped(delivered, { type: "answer-call", call, answer });
  }
  const resting = invocations.length === 0 ? "idle" : "invoke";
  return stepped(phase.at === resting ? environment : { ...environment, phase: { at: resting } });
}

function begin(environment: Environment, requestId: RequestId, invocation: Invocation, at: Instant): Stepped {
  const { invocationId } = invocation;
  return stepped(
    withInvocation(environment, requestId, { at: "pending", invocationId, startedAt: at }),
    { type: "set-alarm", alarm: `timeout:${requestId}`, at: deadlineOf(environment, at) },
    { type: "record", record: { type: "platform.start", requestId } },
  );
}

/** There is no `platform.runtimeDone` here: when the worker is free again is no matter of the invocation's. RIE-LMI telemetry/events_api.go */
function release(
  environment: Environment,
  requestId: RequestId,
  invocation: Invocation & { at: "answered" | "spoiled" },
  at: Instant,
): Stepped {
  const { [requestId]: _, ...invocations } = environment.invocations;
  const facts = { requestId, status: "success", durationMs: at - invocation.startedAt } as const;
  return stepped(
    { ...environment, invocations },
    { type: "clear-alarm", alarm: `timeout:${requestId}` },
    { type: "record", record: { type: "platform.report", ...facts, ...responseSpans(invocation, at) } },
  );
}

/**
 * The function's time-out fails one invocation and stops nothing: the handler goes on, and what it answers is too late.
 * An answer that is being read is refused on the spot, and leaves nothing to be late.
 */
export function expire(environment: Environment, requestId: RequestId): Stepped {
  const { [requestId]: invocation, ...invocations } = environment.invocations;
  if (invocation === undefined) return stepped(environment);
  const others = environment.late.filter((other) => other !== requestId);
  const late = invocation.at === "delivered" ? [...others, requestId].slice(-limits.lateAnswersMax) : environment.late;
  const { timeoutMs } = environment.settings;
  const cutOff: readonly Effect[] =
    invocation.at === "answering"
      ? [{ type: "refuse-call", call: invocation.call, refusal: runtimeRefusals.invokeTimeout }]
      : [];
  const report: Effect = {
    type: "record",
    record: { type: "platform.report", requestId, status: "timeout", durationMs: timeoutMs },
  };
  return stepped(
    { ...environment, invocations, late },
    { type: "complete-invocation", requestId, outcome: { type: "timeout", timeoutMs } },
    ...cutOff,
    report,
  );
}

/** Whether this is the first late answer of an invocation that timed out, and the environment that has forgotten it. */
export function takeLate(environment: Environment, requestId: RequestId): Environment | undefined {
  if (!environment.late.includes(requestId)) return undefined;
  return { ...environment, late: environment.late.filter((other) => other !== requestId) };
}
