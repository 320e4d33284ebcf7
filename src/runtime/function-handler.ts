import { isUtf8 } from "node:buffer";
import { type Context, createContext, type FunctionEnvironment } from "./context.ts";
import { TypedError } from "./function-error.ts";
import { type WhenLoopEmpties, whenLoopEmpties } from "./loop-empties.ts";
import type { Invocation } from "./runtime-api.ts";

/** The third argument of a handler in the older style. The first settlement wins, whichever way it comes. */
export type Callback<Result = unknown> = (error?: unknown, result?: Result) => void;

/** A function as people write it for Lambda: a promise, a plain value or a callback answers. */
export type Handler<Event = unknown, Result = unknown> = (
  event: Event,
  context: Context,
  callback: Callback<Result>,
) => Promise<Result> | Result | undefined;

interface FunctionHandlerOptions {
  readonly env?: FunctionEnvironment;
  readonly loopEmpties?: WhenLoopEmpties;
}

/**
 * Turns a function into an invocation handler: JSON in, JSON out. A plain value answers at once unless the function
 * declares a callback; `undefined` waits for a callback, and answers `null` when the event loop is empty.
 */
export function functionHandler<Event, Result>(
  handler: Handler<Event, Result>,
  { env = process.env, loopEmpties = whenLoopEmpties }: FunctionHandlerOptions = {},
): (invocation: Invocation) => Promise<Uint8Array> {
  return async (invocation) => {
    const event = parseEvent(invocation.event);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const settle = (error?: unknown, result?: unknown) =>
      error === undefined || error === null ? resolve(result) : reject(error);
    // as: what an event looks like is a promise between the caller and the function, nobody here can check it.
    const returned: unknown = handler(event as Event, createContext(invocation, env, settle), settle);
    const stopWaiting = loopEmpties(() => (isThenable(returned) ? reject(neverSettled()) : resolve(null)));
    if (isThenable(returned)) returned.then(resolve, reject);
    else if (returned !== undefined && handler.length < 3) resolve(returned);
    try {
      return responseBytes(await promise);
    } finally {
      stopWaiting();
    }
  };
}

/** An empty payload is legal at the API and carries no event: `null`. What is no JSON fails this invocation only. */
export function parseEvent(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  if (!isUtf8(bytes)) throw new TypedError("Runtime.UnmarshalError", "Cannot read the event: it is not valid UTF-8");
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch (cause) {
    throw new TypedError("Runtime.UnmarshalError", `Cannot read the event: ${messageOf(cause)}`, { cause });
  }
}

function responseBytes(value: unknown): Uint8Array {
  try {
    // Functions and symbols have no JSON, as `undefined` has none.
    return Buffer.from(JSON.stringify(value) ?? "null", "utf8");
  } catch (cause) {
    throw new TypedError("Runtime.MarshalError", `Cannot turn the response into JSON: ${messageOf(cause)}`, { cause });
  }
}

function neverSettled(): TypedError {
  return new TypedError(
    "Runtime.NodeJsExit",
    "The function's promise was never settled: nothing is left in the event loop that could settle it",
  );
}

/** Whether it can be awaited; promises of other libraries count. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
