import type { FunctionError } from "../protocol/function-error.ts";
import { functionErrorOf } from "./function-error.ts";
import type { Invocation, InvocationHandler, Reply, RuntimeApi, StreamedResponse } from "./runtime-api.ts";

/** Answers invocations one after another until the Runtime API refuses; rejects with that refusal. */
export async function serve(api: RuntimeApi, handler: InvocationHandler): Promise<never> {
  for (;;) {
    const { invocation, reply } = await api.nextInvocation();
    await answer(reply, invocation, await run(handler, invocation));
  }
}

type Outcome =
  | { readonly type: "response"; readonly body: Uint8Array }
  | { readonly type: "stream"; readonly response: StreamedResponse }
  | { readonly type: "error"; readonly error: FunctionError };

async function run(handler: InvocationHandler, invocation: Invocation): Promise<Outcome> {
  try {
    const response = await handler(invocation);
    return response instanceof Uint8Array ? { type: "response", body: response } : { type: "stream", response };
  } catch (thrown) {
    return { type: "error", error: logged(invocation, thrown) };
  }
}

async function answer(reply: Reply, invocation: Invocation, outcome: Outcome): Promise<void> {
  switch (outcome.type) {
    case "response":
      return reply.respond(outcome.body);
    case "error":
      return reply.fail(outcome.error);
    case "stream": {
      const { response } = outcome;
      // Now, so that one that fails early is not taken for a rejection that nobody handles.
      const done = Promise.resolve(response.done).catch((thrown: unknown) => void logged(invocation, thrown));
      await reply.stream({ ...response, body: watched(response.body, invocation) });
      await done;
    }
  }
}

async function* watched(body: AsyncIterable<Uint8Array>, invocation: Invocation): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    logged(invocation, thrown);
    throw thrown;
  }
}

function logged({ requestId }: Invocation, thrown: unknown): FunctionError {
  const error = functionErrorOf(thrown);
  logFunctionError(requestId, error);
  return error;
}

/** The one line that says why an invocation failed; the request id is in it whatever the console looks like. */
export function logFunctionError(requestId: string, error: FunctionError): void {
  console.error(`Invoke Error\t${JSON.stringify({ requestId, ...error })}`);
}
