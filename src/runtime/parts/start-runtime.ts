import { forgetEngineFlags } from "../../platform/engine-flags.ts";
import { writeAll } from "../../platform/write-all.ts";
import { InvocationInHand } from "../invocation-in-hand.ts";
import { LastWords } from "../last-words.ts";
import { createLog, type Log } from "../log.ts";
import type { InvocationHandler } from "../runtime-api.ts";
import { connectRuntimeApi } from "../runtime-api-client.ts";
import { serve } from "../serve.ts";
import { traceEnvironment } from "../trace-environment.ts";

/** As AWS's Node client exits after such an end. */
const exitCodes = { init: 1, uncaughtException: 129 };

/**
 * The whole life of a custom runtime: connects, waits for `init`, serves until the environment ends. What `init` throws
 * is reported as an init error, what breaks later as the failure of the invocation in hand, and then the process ends:
 * nothing is left for a caller to await. Logs go to stdout in the format that the function's configuration asks for, and
 * `_X_AMZN_TRACE_ID` is the trace of the invocation.
 */
export function startRuntime(
  init: () => InvocationHandler | Promise<InvocationHandler>,
  env: NodeJS.ProcessEnv = process.env,
): void {
  const { AWS_LAMBDA_RUNTIME_API: authority = "" } = env;
  forgetEngineFlags();
  if (authority === "") {
    writeAll(2, "Cannot start: AWS_LAMBDA_RUNTIME_API is not set, so this is no Lambda execution environment\n");
    return process.exit(exitCodes.init);
  }
  const api = new InvocationInHand(connectRuntimeApi(authority));
  const log = createLog(env, () => ({ requestId: api.latest?.requestId, tenantId: api.latest?.tenantId }));
  const lastWords = new LastWords([api], log, { ending: false });
  process.on("uncaughtException", (error) => {
    void lastWords.functionBroke("Uncaught Exception", error, exitCodes.uncaughtException);
  });
  // One invocation after another, so that one variable holds the trace of the one in hand.
  void live(async () => traceEnvironment(env)(await init()), api, log, lastWords);
}

async function live(
  init: () => Promise<InvocationHandler>,
  api: InvocationInHand,
  log: Log,
  lastWords: LastWords,
): Promise<void> {
  let handler: InvocationHandler;
  try {
    handler = await init();
  } catch (error) {
    return lastWords.functionBroke("Init Error", error, exitCodes.init);
  }
  const onFailure = (_invocation: unknown, thrown: unknown) => log.failure("Invoke Error", thrown);
  await serve(api, handler, { onFailure }).catch((error) => lastWords.apiBroke(error));
}
