/** Platform records that several steps write. */
import type { PlatformRecord, Span, Status } from "../telemetry/record.ts";
import type { Effect } from "./effect.ts";
import type { Environment, Fault, Instant, Invocation, RequestId } from "./model.ts";
import { extensionStateName } from "./views.ts";

/** One `platform.extension` record each, as they stand when Init ends. */
export function extensionRecords(environment: Environment): readonly Effect[] {
  return Object.entries(environment.extensions).map(([name, extension]): Effect => {
    const events = extension.at === "launched" || extension.at === "exited" ? [] : extension.events;
    const state = extensionStateName(extension);
    const failed = extension.at === "init-error" || extension.at === "exit-error";
    const failure = failed ? { errorType: extension.errorType } : {};
    return { type: "record", record: { type: "platform.extension", name, state, events, ...failure } };
  });
}

/** A time-out has no error type besides. RIE rapid/handlers.go */
export function failureOf({ status, errorType }: Fault): { readonly status: Status; readonly errorType?: string } {
  return status === "timeout" ? { status } : { status, errorType };
}

type RuntimeDone = PlatformRecord & { type: "platform.runtimeDone" };
type Ending = Pick<RuntimeDone, "status" | "errorType" | "cause">;

/** The runtime is done with an invocation that has begun, or was stopped before it was. */
export function runtimeDoneRecord(
  requestId: RequestId,
  invocation: Invocation,
  ending: Ending,
  at: Instant,
): Effect & { type: "record" } {
  const durationMs = at - (invocation.startedAt ?? at);
  const producedBytes = invocation.at === "answered" ? invocation.bytes : 0;
  const facts = { durationMs, producedBytes, ...responseSpans(invocation, at) };
  return { type: "record", record: { type: "platform.runtimeDone", requestId, ...ending, ...facts } };
}

interface Spans {
  readonly spans?: readonly Span[];
}

/** Until the answer began, while it was sent, and from then until the runtime asked for more. DG/telemetry-schema-reference.html */
export function responseSpans(invocation: Invocation, at: Instant): Spans {
  if (invocation.at !== "answered" || invocation.read === undefined) return {};
  const { startedAt, read } = invocation;
  return {
    spans: [
      { name: "responseLatency", startAt: startedAt, durationMs: read.beganAt - startedAt },
      { name: "responseDuration", startAt: read.beganAt, durationMs: read.endedAt - read.beganAt },
      { name: "runtimeOverhead", startAt: read.endedAt, durationMs: at - read.endedAt },
    ],
  };
}

/** How long the phase went on for the extensions' sake, where there are any. */
export function overheadSpans(environment: Environment, invocation: Invocation, at: Instant): Spans {
  if (invocation.at !== "answered" || invocation.runtimeDoneAt === undefined) return {};
  if (Object.keys(environment.extensions).length === 0) return {};
  const startAt = invocation.runtimeDoneAt;
  return { spans: [{ name: "extensionOverhead", startAt, durationMs: at - startAt }] };
}
