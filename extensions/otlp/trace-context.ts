import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import type { KnownTelemetryRecord } from "bootlace/extension";

export type StartRecord = Extract<KnownTelemetryRecord, { readonly type: "platform.start" }>;

/** Where the span of an invocation stands. */
export interface InvocationTrace {
  readonly context: SpanContext;
  /** The caller's span, where X-Ray's header names one. */
  readonly parent?: SpanContext;
}

/**
 * X-Ray's trace where the record has its header, so that spans of other services meet this one. Without it, the request id
 * is the trace: attempts of an asynchronous invocation have the same one. What X-Ray samples is not asked: everything is
 * sent that Lambda tells.
 */
export function traceOf({ record: { requestId, tracing } }: StartRecord): InvocationTrace {
  const header = xrayHeader(tracing?.value ?? "");
  const traceId = header.traceId ?? idOf(requestId) ?? randomHex(16);
  const spanId = tracing?.spanId !== undefined && isId(tracing.spanId, 16) ? tracing.spanId : randomHex(8);
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  const { traceId: ofCaller, parentId } = header;
  if (ofCaller === undefined || parentId === undefined || parentId === spanId) return { context };
  return { context, parent: { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED, isRemote: true } };
}

/** A span below another. */
export function childOf({ traceId, traceFlags }: SpanContext): SpanContext {
  return { traceId, spanId: randomHex(8), traceFlags };
}

/** For what belongs to no invocation. */
export function newTrace(): SpanContext {
  return { traceId: randomHex(16), spanId: randomHex(8), traceFlags: TraceFlags.SAMPLED };
}

/** `Root=1-EPOCH-RANDOM;Parent=ID;Sampled=1`; the root without its dashes is a W3C trace id. AWS X-Ray, "Trace ID format" */
function xrayHeader(value: string): { readonly traceId?: string; readonly parentId?: string } {
  const fields = new Map(value.split(";").map((field) => [field.split("=")[0]?.trim(), field.split("=")[1]?.trim()]));
  const [, epoch, random] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(fields.get("Root") ?? "") ?? [];
  const parentId = fields.get("Parent") ?? "";
  return {
    ...(epoch !== undefined && isId(epoch + random, 32) ? { traceId: epoch + random } : {}),
    ...(isId(parentId, 16) ? { parentId } : {}),
  };
}

function idOf(requestId: string): string | undefined {
  const id = requestId.replaceAll("-", "").toLowerCase();
  return isId(id, 32) ? id : undefined;
}

/** Zeros mean "none" in OpenTelemetry. */
function isId(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text) && /[^0]/.test(text);
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
