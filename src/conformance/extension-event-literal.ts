/** Events of the Extensions API as the service sends them: captured from the real one, and written out by hand. */
import { randomUUID } from "node:crypto";
import type { InvokeMove } from "./extension-case.ts";

export function invokeEvent({ requestId, deadlineInMs = 5_000, more = {}, without = [] }: InvokeMove): string {
  const event = {
    eventType: "INVOKE",
    deadlineMs: Date.now() + deadlineInMs,
    requestId,
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:conformance",
    tracing: {
      type: "X-Amzn-Trace-Id",
      value: "Root=1-5f35ae12-0c0fec141ab77a00bc047aa2;Parent=2be948a625588e32;Sampled=1",
    },
    ...more,
  };
  return JSON.stringify(Object.fromEntries(Object.entries(event).filter(([name]) => !without.includes(name))));
}

/** An identifier of its own for each event. */
export function invokeHeaders(): Readonly<Record<string, string>> {
  return { "Content-Type": "application/json", "Lambda-Extension-Event-Identifier": randomUUID() };
}

export function shutdownEvent(reason: string, deadlineInMs: number): string {
  return JSON.stringify({ eventType: "SHUTDOWN", deadlineMs: Date.now() + deadlineInMs, shutdownReason: reason });
}

/** Labelled as text and without an identifier, as the real one does it. */
export const shutdownHeaders: Readonly<Record<string, string>> = { "Content-Type": "text/plain; charset=utf-8" };
