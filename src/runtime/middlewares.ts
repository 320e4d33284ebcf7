import { firstOf, NativePromise } from "../platform/native-promise.ts";
import { functionErrorOf, TypedError } from "./function-error.ts";
import type { Middleware } from "./runtime-api.ts";

/** What `tracing` tells of one invocation. */
export interface InvocationSpan {
  readonly requestId: string;
  readonly functionArn: string;
  /** Of the `Root`, `Parent` and `Sampled` fields of AWS's trace header, those that came. */
  readonly trace: { readonly root?: string; readonly parent?: string; readonly sampled?: boolean };
  readonly coldStart: boolean;
  readonly startedEpochMs: number;
  /** Until the response was there, or began to stream. */
  readonly durationMs: number;
  readonly eventBytes: number;
  readonly error?: { readonly type: string; readonly message: string };
}

/** Tells `record` of each invocation before its response is sent. A `record` that throws changes nothing for the function. */
export function tracing(record: (span: InvocationSpan) => void): Middleware {
  let coldStart = true;
  return (next) => async (invocation) => {
    const began = { startedEpochMs: Date.now(), atMs: performance.now(), coldStart };
    coldStart = false;
    const finish = (error?: unknown) => {
      const { errorType: type, errorMessage: message } = error === undefined ? emptyError : functionErrorOf(error);
      const span: InvocationSpan = {
        requestId: invocation.requestId,
        functionArn: invocation.invokedFunctionArn,
        trace: traceOf(invocation.traceId),
        coldStart: began.coldStart,
        startedEpochMs: began.startedEpochMs,
        durationMs: performance.now() - began.atMs,
        eventBytes: invocation.event.byteLength,
        ...(error === undefined ? {} : { error: { type, message } }),
      };
      try {
        record(span);
      } catch (thrown) {
        console.error("The record of an invocation was lost:", thrown);
      }
    };
    try {
      const response = await next(invocation);
      finish();
      return response;
    } catch (error) {
      finish(error);
      throw error;
    }
  };
}

/**
 * Fails an invocation with `Function.OutOfTime` this long before Lambda would end its process, so that the caller gets
 * an answer, the log its last lines, and the environment stays. The function itself is not stopped: what it still does
 * goes on beside the next invocation.
 */
export function timeoutGuard({ marginMs = 500 }: { readonly marginMs?: number } = {}): Middleware {
  return (next) => async (invocation) => {
    const { deadlineEpochMs, requestId } = invocation;
    if (deadlineEpochMs === undefined) return next(invocation);
    const { promise: late, reject } = NativePromise.withResolvers<never>();
    const leftMs = Math.max(0, deadlineEpochMs - Date.now() - marginMs);
    const sentence = `Invocation ${requestId} had no answer ${marginMs} ms before its deadline`;
    const timer = setTimeout(() => reject(new TypedError("Function.OutOfTime", sentence)), leftMs);
    // Whether the event loop is empty is a question about the function, of which this timer is no part.
    timer.unref();
    try {
      return await firstOf(next(invocation), late);
    } finally {
      clearTimeout(timer);
    }
  };
}

const emptyError = { errorType: "", errorMessage: "" } as const;

/** `Root=…;Parent=…;Sampled=1`, in any order, with fields that nobody here knows. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html */
function traceOf(header: string | undefined): InvocationSpan["trace"] {
  const fields = new Map(
    (header ?? "").split(";").map((field) => [field.split("=")[0]?.trim(), field.split("=")[1]?.trim()]),
  );
  const [root, parent, sampled] = ["Root", "Parent", "Sampled"].map((name) => fields.get(name));
  return {
    ...(root === undefined ? {} : { root }),
    ...(parent === undefined ? {} : { parent }),
    ...(sampled === "1" || sampled === "0" ? { sampled: sampled === "1" } : {}),
  };
}
