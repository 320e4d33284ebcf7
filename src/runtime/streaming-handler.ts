import { firstOf, NativePromise, whenSettled } from "../platform/native-promise.ts";
import { type Context, createContext, describeFunction, type FunctionEnvironment } from "./context.ts";
import { TypedError } from "./function-error.ts";
import { isThenable, parseEvent } from "./function-handler.ts";
import { type WhenLoopEmpties, whenLoopEmpties } from "./loop-empties.ts";
import type { ResponseStream } from "./response-stream.ts";
import type { InvocationHandler } from "./runtime-api.ts";

/** A function that writes its response to a stream while it runs. */
export type StreamingHandler<Event = unknown> = (
  event: Event,
  responseStream: ResponseStream,
  context: Context,
) => Promise<unknown>;

interface StreamingOptions {
  /** Bytes that the stream holds before it asks its writer to wait. */
  readonly highWaterMark?: number;
}

/** The marks that AWS's own client puts on a function, so that either of us recognises what the other has marked. */
const streamingMark = Symbol.for("aws.lambda.runtime.handler.streaming");
const highWaterMark = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

/** Marks a function as one that streams its response, as `awslambda.streamifyResponse` does. Gives the function back. */
export function streamifyResponse<Event = unknown>(
  handler: StreamingHandler<Event>,
  options: StreamingOptions = {},
): StreamingHandler<Event> {
  const bytes = options.highWaterMark === undefined ? {} : { [highWaterMark]: Math.trunc(options.highWaterMark) };
  return Object.assign(handler, { [streamingMark]: "response", ...bytes });
}

/** Whether `streamifyResponse`, anybody's, has marked this function. */
export function isStreamingHandler(handler: object): handler is StreamingHandler {
  const mark: unknown = Reflect.get(handler, streamingMark);
  if (mark === undefined || mark === "response") return mark !== undefined;
  throw new TypedError("Runtime.MalformedStreamingHandler", "Only response streaming is supported.");
}

interface StreamingFunctionOptions {
  readonly env?: FunctionEnvironment;
  readonly loopEmpties?: WhenLoopEmpties;
}

/** Turns a streaming function into an invocation handler. The response begins with the first byte that it writes. */
export function streamingFunctionHandler(
  handler: StreamingHandler,
  { env = process.env, loopEmpties = whenLoopEmpties }: StreamingFunctionOptions = {},
): InvocationHandler {
  let description: ReturnType<typeof describeFunction> | undefined;
  // It stands on Node's streams, which a function that does not stream starts without.
  const streams = import("./response-stream.ts");
  return async (invocation) => {
    const event = parseEvent(invocation.event);
    description ??= describeFunction(env);
    const { ResponseStream } = await streams;
    const stream = new ResponseStream(highWaterMarkOf(handler));
    // A stream is ended by writing to it: the three functions of the older style have no part in that.
    const context = createContext(invocation, description, () => {});
    const outcome = run(() => handler(event, stream, context), stream, loopEmpties);
    const done = whenSettled(outcome, undefined, (thrown: unknown) => {
      if (!stream.fail(thrown)) throw thrown;
    });
    // An invocation that fails before it has a response has nobody who waits for the rest.
    whenSettled(done, undefined, () => {});
    // Whichever comes first; both at once, and the function wrote before it failed.
    await firstOf(stream.began, outcome);
    return { contentType: stream.contentType, body: stream.chunks(), done };
  };
}

async function run(call: () => unknown, stream: ResponseStream, loopEmpties: WhenLoopEmpties): Promise<void> {
  let returned = false;
  const { promise: stuck, reject } = NativePromise.withResolvers<never>();
  const stopWaiting = loopEmpties(() => reject(returned ? neverEnded() : neverSettled()));
  try {
    const result = call();
    if (!isThenable(result)) throw new Error("Streaming does not support non-async handlers.");
    const value = await firstOf(NativePromise.resolve(result), stuck);
    if (value !== undefined) console.warn("Streaming handlers ignore return values.");
    returned = true;
    await firstOf(stream.over, stuck);
  } finally {
    stopWaiting();
  }
}

function highWaterMarkOf(handler: object): number | undefined {
  const bytes = Number(Reflect.get(handler, highWaterMark));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

function neverSettled(): TypedError {
  return new TypedError(
    "Runtime.NodeJsExit",
    "The function's promise was never settled: nothing is left in the event loop that could settle it",
  );
}

function neverEnded(): TypedError {
  return new TypedError("Runtime.NodeJsExit", "Response stream is not finished.");
}
