import { resolve } from "node:path";
import { searchPackagesIn } from "../platform/module-loader.ts";
import { writeAll } from "../platform/write-all.ts";
import { installAwsLambdaGlobal } from "./awslambda-global.ts";
import { TypedError, UnhandledPromiseRejection } from "./function-error.ts";
import { functionHandler } from "./function-handler.ts";
import { InvocationInHand } from "./invocation-in-hand.ts";
import { LastWords } from "./last-words.ts";
import { createLog, patchConsole } from "./log.ts";
import { whenLoopEmpties } from "./loop-empties.ts";
import { hideOwnFrames } from "./own-frames.ts";
import { resolveHandler } from "./resolve-handler.ts";
import type { InvocationHandler } from "./runtime-api.ts";
import { connectRuntimeApi, type RuntimeApiClient } from "./runtime-api-client.ts";
import { serve } from "./serve.ts";
import { isStreamingHandler, streamingFunctionHandler } from "./streaming-handler.ts";
import { traceEnvironment } from "./trace-environment.ts";

/** As the managed Node.js runtime exits. */
const exitCodes = { init: 1, unhandledRejection: 128, uncaughtException: 129 } as const;

/** The runtime role of `bootstrap`: connects, loads the function meanwhile, serves until the process ends. */
export async function runRuntime(env: NodeJS.ProcessEnv): Promise<void> {
  const client = connected(env.AWS_LAMBDA_RUNTIME_API);
  if (client === undefined) return process.exit(exitCodes.init);
  const api = new InvocationInHand(client);
  const log = createLog(env, () => ({ requestId: api.latest?.requestId, tenantId: api.latest?.tenantId }));
  patchConsole(console, log);
  hideOwnFrames();
  const lastWords = new LastWords(api, log);
  watchForCrashes(lastWords);
  try {
    installAwsLambdaGlobal(env);
    const handler = await loadHandler(env);
    const onFailure = (_invocation: unknown, thrown: unknown) => log.failure("Invoke Error", thrown);
    await serve(api, traceEnvironment(env)(handler), { onFailure }).catch((error) => lastWords.apiBroke(error));
  } catch (error) {
    await lastWords.functionBroke("Init Error", error, exitCodes.init);
  }
}

function connected(authority: string | undefined): RuntimeApiClient | undefined {
  if (authority === undefined || authority === "") {
    writeAll(2, "Cannot start: AWS_LAMBDA_RUNTIME_API is not set, so this is no Lambda execution environment\n");
    return undefined;
  }
  try {
    return connectRuntimeApi(authority);
  } catch (error) {
    writeAll(2, `Cannot start: AWS_LAMBDA_RUNTIME_API is wrong: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}

function watchForCrashes(lastWords: LastWords): void {
  process.on("uncaughtException", (error) => {
    void lastWords.functionBroke("Uncaught Exception", error, exitCodes.uncaughtException);
  });
  process.on("unhandledRejection", (reason) => {
    const error = new UnhandledPromiseRejection(reason);
    void lastWords.functionBroke("Unhandled Promise Rejection", error, exitCodes.unhandledRejection);
  });
}

async function loadHandler(env: NodeJS.ProcessEnv): Promise<InvocationHandler> {
  const name = env._HANDLER;
  if (name === undefined || name === "")
    throw new TypedError(
      "Runtime.MalformedHandlerName",
      "_HANDLER is not set: it names the function, as in index.handler",
    );
  const taskRoot = resolve(env.LAMBDA_TASK_ROOT ?? ".");
  searchPackagesIn(packageDirectories(env, taskRoot));
  const { promise, reject } = Promise.withResolvers<never>();
  const stopWaiting = whenLoopEmpties(() => reject(neverLoaded(name)));
  try {
    const handler = await Promise.race([resolveHandler(taskRoot, name), promise]);
    return isStreamingHandler(handler) ? streamingFunctionHandler(handler, { env }) : functionHandler(handler, { env });
  } finally {
    stopWaiting();
  }
}

/** Where layers put packages. The managed image has the same list in NODE_PATH. */
function packageDirectories(env: NodeJS.ProcessEnv, taskRoot: string): readonly string[] {
  const [major] = process.versions.node.split(".");
  const runtimeDirectory = env.LAMBDA_RUNTIME_DIR ?? "/var/runtime";
  return [
    `/opt/nodejs/node${major}/node_modules`,
    "/opt/nodejs/node_modules",
    `${runtimeDirectory}/node_modules`,
    runtimeDirectory,
    taskRoot,
  ];
}

function neverLoaded(name: string): TypedError {
  return new TypedError(
    "Runtime.NodeJsExit",
    `The module of ${name} never finished loading: it awaits something that nothing in the event loop can settle`,
  );
}
