import { isUtf8 } from "node:buffer";
import { isNative, NativePromise, whenSettled } from "../platform/native-promise.ts";
import { type Context, createContext, describeFunction, type FunctionEnvironment } from "./context.ts";
import { TypedError } from "./function-error.ts";
import { neverEmpties, type WhenLoopEmpties, whenLoopEmpties } from "./loop-empties.ts";
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
 * declares a callback; `undefined` waits for a callback, and answers `null` when the event loop is empty. A callback's
 * result waits for the event loop too, unless `callbackWaitsForEmptyEventLoop` is off by then.
 */
export function functionHandler<Event, Result>(
  handler: Handler<Event, Result>,
  { env = process.env, loopEmpties = whenLoopEmpties }: FunctionHandlerOptions = {},
): (invocation: Invocation) => Promise<string> {
  let description: ReturnType<typeof describeFunction> | undefined;
  return async (invocation) => {
    const event = parseEvent(invocation.event);
    // Not before the first one: a snapshot may be restored under other names.
    description ??= describeFunction(env);
    const { promise, resolve, reject } = NativePromise.withResolvers<unknown>();
    let settled = false;
    let stopWaiting = () => {};
    const first = (act: () => void) => {
      if (settled) return;
      settled = true;
      act();
    };
    // Callbacks and thenables may give a promise; one that nothing can settle must not end the process without a word.
    const answer = (result: unknown) => {
      if (!hasThen(result)) return resolve(result);
      stopWaiting();
      stopWaiting = loopEmpties(() => reject(neverSettled()));
      whenSettled(NativePromise.resolve(result), resolve, reject);
    };
    const settle = (error?: unknown, result?: unknown) =>
      first(() => (isAbsent(error) ? answer(result) : reject(error)));
    const context = createContext(invocation, description, settle);
    const callback: Callback<Result> = (error, result) => {
      const waits = context.callbackWaitsForEmptyEventLoop && loopEmpties !== neverEmpties;
      if (!isAbsent(error) || !waits) return settle(error, result);
      first(() => {
        stopWaiting();
        stopWaiting = loopEmpties(() => answer(result));
      });
    };
    let returned: unknown;
    stopWaiting = loopEmpties(() => first(() => (isThenable(returned) ? reject(neverSettled()) : resolve(null))));
    try {
      // as: what an event looks like is a promise between the caller and the function, nobody here can check it.
      returned = handler(event as Event, context, callback);
      if (isThenable(returned))
        onceSettled(
          returned,
          (result) => settle(undefined, result),
          (error) => first(() => reject(error)),
        );
      else if (returned !== undefined && handler.length < 3) settle(undefined, returned);
      return responseText(await promise);
    } finally {
      stopWaiting();
    }
  };
}

/** As `await` asks: promises of Node's own in its own way, all others in theirs. */
function onceSettled(
  thenable: PromiseLike<unknown>,
  fulfilled: (value: unknown) => void,
  rejected: (error: unknown) => void,
): void {
  if (isNative(thenable)) whenSettled(thenable, fulfilled, rejected);
  else thenable.then(fulfilled, rejected);
}

function isAbsent(error: unknown): error is undefined | null {
  return error === undefined || error === null;
}

/** An empty payload is legal at the API and carries no event: `null`. What is no JSON fails this invocation only. */
export function parseEvent(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  if (!isUtf8(bytes)) throw new TypedError("Runtime.UnmarshalError", "Cannot read the event: it is not valid UTF-8");
  try {
    const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return JSON.parse(buffer.toString("utf8"));
  } catch (cause) {
    throw new TypedError("Runtime.UnmarshalError", `Cannot read the event: ${messageOf(cause)}`, { cause });
  }
}

function responseText(value: unknown): string {
  try {
    // Functions and symbols have no JSON, as `undefined` has none.
    return JSON.stringify(value) ?? "null";
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

/** As above, for a value whose `then` may throw: whoever resolves a promise with it meets that error and rejects. */
function hasThen(value: unknown): value is PromiseLike<unknown> {
  try {
    return isThenable(value);
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
