import type { FunctionError } from "../protocol/function-error.ts";
import { functionErrorOf } from "./function-error.ts";
import type { Invocation, InvocationHandler, RuntimeApi } from "./runtime-api.ts";

/** Answers invocations one after another until the Runtime API refuses; rejects with that refusal. */
export async function serve(api: RuntimeApi, handler: InvocationHandler): Promise<never> {
  for (;;) {
    const { invocation, reply } = await api.nextInvocation();
    const outcome = await run(handler, invocation);
    if (outcome.type === "response") await reply.respond(outcome.body);
    else await reply.fail(outcome.error);
  }
}

type Outcome =
  | { readonly type: "response"; readonly body: Uint8Array }
  | { readonly type: "error"; readonly error: FunctionError };

async function run(handler: InvocationHandler, invocation: Invocation): Promise<Outcome> {
  try {
    return { type: "response", body: await handler(invocation) };
  } catch (thrown) {
    const error = functionErrorOf(thrown);
    logFunctionError(invocation.requestId, error);
    return { type: "error", error };
  }
}

/** The one line that says why an invocation failed; the request id is in it whatever the console looks like. */
export function logFunctionError(requestId: string, error: FunctionError): void {
  console.error(`Invoke Error\t${JSON.stringify({ requestId, ...error })}`);
}
