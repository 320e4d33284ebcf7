import { AsyncLocalStorage } from "node:async_hooks";
import { NativePromise, whenSettled } from "../platform/native-promise.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import { onBehalfOf } from "./current-invocation.ts";
import { functionErrorOf } from "./function-error.ts";
import type { Invocation, InvocationHandler, Reply, RuntimeApi, StreamedResponse } from "./runtime-api.ts";

interface ServeOptions {
  /** Hears why an invocation failed; without it, stderr does. */
  readonly onFailure?: (invocation: Invocation, thrown: unknown) => void;
}

/**
 * Answers invocations one after another until the Runtime API refuses; rejects with that refusal. What the handler
 * does, and all that it starts, is on behalf of its `currentInvocation()`.
 */
export async function serve(
  api: RuntimeApi,
  handler: InvocationHandler,
  { onFailure = logFailure }: ServeOptions = {},
): Promise<never> {
  // What a function enters and does not leave (`enterWith`) would be there for the next invocation.
  const outside = AsyncLocalStorage.snapshot();
  for (;;) {
    const { invocation, reply } = await api.nextInvocation();
    await outside(onBehalfOf, invocation, async () => {
      const failed = (thrown: unknown) => onFailure(invocation, thrown);
      let outcome: Outcome;
      try {
        outcome = outcomeOf(await handler(invocation));
      } catch (thrown) {
        failed(thrown);
        outcome = { type: "error", error: functionErrorOf(thrown) };
      }
      await answer(reply, outcome, failed);
    });
  }
}

type Failed = (thrown: unknown) => void;

type Outcome =
  | { readonly type: "response"; readonly body: Uint8Array | string }
  | { readonly type: "stream"; readonly response: StreamedResponse }
  | { readonly type: "error"; readonly error: FunctionError };

function outcomeOf(response: Uint8Array | string | StreamedResponse): Outcome {
  const isWhole = typeof response === "string" || response instanceof Uint8Array;
  return isWhole ? { type: "response", body: response } : { type: "stream", response };
}

function answer(reply: Reply, outcome: Outcome, failed: Failed): Promise<void> {
  switch (outcome.type) {
    case "response":
      return reply.respond(outcome.body);
    case "error":
      return reply.fail(outcome.error);
    case "stream":
      return stream(reply, outcome.response, failed);
  }
}

async function stream(reply: Reply, response: StreamedResponse, failed: Failed): Promise<void> {
  // Now, so that one that fails early is not taken for a rejection that nobody handles.
  const done = whenSettled(NativePromise.resolve(response.done), undefined, failed);
  await reply.stream({ ...response, body: watched(response.body, failed) });
  await done;
}

async function* watched(body: AsyncIterable<Uint8Array>, failed: Failed): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    failed(thrown);
    throw thrown;
  }
}

function logFailure({ requestId }: Invocation, thrown: unknown): void {
  console.error(`Invoke Error\t${JSON.stringify({ requestId, ...functionErrorOf(thrown) })}`);
}
