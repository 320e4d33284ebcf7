/** The environment's answers to its own processes, byte for byte. */
import { randomUUID } from "node:crypto";
import type { Answer } from "../../core/environment/effect.ts";
import type { Instant } from "../../core/environment/model.ts";
import type { InvokeEvent, ShutdownEvent } from "../../protocol/extension-event.ts";
import { goJson } from "../../protocol/go-json.ts";
import { headers } from "../../protocol/headers.ts";
import type { Profile } from "../../protocol/profile.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import type { AcceptedInvocation } from "../invocation.ts";
import type { Exchange } from "./exchange.ts";

/** What the answers say besides what the core decides. */
export interface AnswerFacts {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly handler: string;
  readonly profile: Profile;
  /** Only for an extension that asked for it. */
  readonly accountId?: string;
  readonly invocation: (requestId: string) => AcceptedInvocation;
  /** Epoch milliseconds of an instant. */
  readonly epochOf: (at: Instant) => number;
}

export function renderAnswer(exchange: Exchange, answer: Answer, facts: AnswerFacts): void {
  switch (answer.type) {
    case "accepted":
      return exchange.answerJson(202, { status: "OK" });
    case "invocation":
      return event(exchange, facts.invocation(answer.requestId), facts.epochOf(answer.deadlineAt), facts.profile);
    case "restored":
      return exchange.answer(200, {}, "");
    case "registered":
      return registered(exchange, answer.identifier, facts);
    case "invoke-event":
      return invokeEvent(exchange, facts.invocation(answer.requestId), facts.epochOf(answer.deadlineAt), facts.profile);
    case "shutdown-event": {
      const shutdownReason = facts.profile.shutdownReasons[answer.reason];
      return shutdownEvent(exchange, { shutdownReason, deadlineMs: facts.epochOf(answer.deadlineAt) });
    }
    default:
      return unreachable(answer);
  }
}

function event(exchange: Exchange, invocation: AcceptedInvocation, deadlineMs: number, profile: Profile): void {
  exchange.answer(
    200,
    {
      "Content-Type": "application/json",
      [headers.requestId]: invocation.requestId,
      ...(profile.invocationId ? { [headers.invocationId]: invocation.invocationId } : {}),
      [headers.deadlineMs]: String(deadlineMs),
      [headers.invokedFunctionArn]: invocation.invokedFunctionArn,
      ...optionalHeaders(invocation, profile),
    },
    invocation.event,
  );
}

/** Where empty headers are sent, one of tenants is not among them. RIE-LMI invoke/runtime_response_sender.go */
function optionalHeaders(
  { traceId, clientContext, tenantId }: AcceptedInvocation,
  { trace, emptyHeaders }: Profile,
): Readonly<Record<string, string>> {
  const known: readonly (readonly [string, string | undefined])[] = [
    [headers.traceId, trace ? traceId : undefined],
    [headers.clientContext, clientContext],
    [headers.cognitoIdentity, undefined],
  ];
  const sent = known.filter(([, value]) => value || emptyHeaders === "sent");
  return {
    ...Object.fromEntries(sent.map(([name, value]) => [name, value ?? ""])),
    ...(tenantId ? { [headers.tenantId]: tenantId } : {}),
  };
}

function registered(exchange: Exchange, identifier: string, facts: AnswerFacts): void {
  const { functionName, functionVersion, handler, accountId } = facts;
  const account = accountId === undefined ? {} : { accountId };
  const body = { functionName, functionVersion, handler, ...account };
  exchange.answerJson(200, body, { [headers.extensionIdentifier]: identifier });
}

function invokeEvent(exchange: Exchange, invocation: AcceptedInvocation, deadlineMs: number, { trace }: Profile): void {
  const { requestId, invokedFunctionArn, traceId } = invocation;
  const body: InvokeEvent = {
    eventType: "INVOKE",
    deadlineMs,
    requestId,
    invokedFunctionArn,
    ...(traceId === undefined || !trace ? {} : { tracing: { type: "X-Amzn-Trace-Id", value: traceId } }),
  };
  const identifier = { [headers.extensionEventIdentifier]: randomUUID() };
  exchange.answer(200, { "Content-Type": "application/json", ...identifier }, goJson(body));
}

/** Labelled as Lambda labels it, which is not JSON. */
function shutdownEvent(exchange: Exchange, facts: Omit<ShutdownEvent, "eventType">): void {
  const { deadlineMs, shutdownReason } = facts;
  const body: ShutdownEvent = { eventType: "SHUTDOWN", deadlineMs, shutdownReason };
  exchange.answer(200, { "Content-Type": "text/plain; charset=utf-8" }, goJson(body));
}
