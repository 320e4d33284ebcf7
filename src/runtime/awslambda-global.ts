import { invokeStore } from "./current-invocation.ts";
import { HttpResponseStream } from "./http-response-stream.ts";
import { streamifyResponse } from "./streaming-handler.ts";

/** Gives functions the global `awslambda` that they have in the managed runtime, unless the environment forbids it. */
export function installAwsLambdaGlobal(env: NodeJS.ProcessEnv): void {
  const forbidden = env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA;
  if (forbidden === "1" || forbidden === "true") return;
  const earlier: unknown = Reflect.get(globalThis, "awslambda");
  Reflect.set(globalThis, "awslambda", {
    ...Object(earlier),
    streamifyResponse,
    HttpResponseStream,
    InvokeStore: invokeStore,
  });
}
