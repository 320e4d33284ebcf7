import { firstOf, whenSettled } from "../platform/native-promise.ts";
import { writeAll } from "../platform/write-all.ts";
import { installAwsLambdaGlobal } from "./awslambda-global.ts";
import { concurrencyOf } from "./concurrency.ts";
import { currentInvocation } from "./current-invocation.ts";
import { UnhandledPromiseRejection } from "./function-error.ts";
import { functionHandler } from "./function-handler.ts";
import { InvocationInHand } from "./invocation-in-hand.ts";
import type { RuntimeApiOptions } from "./invocation-line.ts";
import { LastWords } from "./last-words.ts";
import { hooks } from "./life-hooks.ts";
import { loadFunction } from "./load-function.ts";
import { createLog, type Log, patchConsole } from "./log.ts";
import { neverEmpties, whenLoopEmpties } from "./loop-empties.ts";
import { hideOwnFrames } from "./own-frames.ts";
import { isRawHandler } from "./raw-handler.ts";
import type { InvocationHandler } from "./runtime-api.ts";
import { connectRuntimeApi } from "./runtime-api-client.ts";
import { serve } from "./serve.ts";
import { type AskForSignal, prepareShutdown } from "./shutdown.ts";
import { afterSnapshotRestored, awaitsSnapshot, beforeSnapshotTaken } from "./snapshot.ts";
import { isStreamingHandler, streamingFunctionHandler } from "./streaming-handler.ts";
import { nowServing, ownShare, runThreads, threadCountOf } from "./threads.ts";
import { traceEnvironment } from "./trace-environment.ts";

/** As AWS's clients exit: Node's own for most, Python's for hooks around a snapshot. */
const exitCodes = { init: 1, beforeSnapshot: 64, afterRestore: 65, unhandledRejection: 128, uncaughtException: 129 };

interface Roles {
  /** The other role of the same executable, of which the end of the environment needs a little. */
  readonly askForSignal: AskForSignal;
}

/** The runtime role of `bootstrap`: connects, loads the function meanwhile, serves until the process ends. */
export async function runRuntime(env: NodeJS.ProcessEnv, { askForSignal }: Roles): Promise<void> {
  const authority = env.AWS_LAMBDA_RUNTIME_API ?? "";
  const complaints: string[] = [];
  const complain = (sentence: string) => complaints.push(sentence);
  const share = ownShare(env);
  const concurrency = share ?? concurrencyOf(env, complain);
  const threadCount = share === undefined ? threadCountOf(env, concurrency, complain) : 0;
  if (threadCount > 0) return runThreads(threadCount, concurrency);
  const life = { ending: false };
  // One connection for each invocation has nothing to put into one write: each would ask for more than it may hold.
  const oneWrite = env.BOOTLACE_ONE_WRITE === "1" && concurrency === 1;
  const apis = connected(authority, concurrency, { mayAskAhead: () => oneWrite && !life.ending });
  const [api] = apis;
  if (api === undefined) return process.exit(exitCodes.init);
  const log = createLog(env, concurrency > 1 ? () => subjectOf(currentInvocation()) : () => subjectOf(api.latest));
  patchConsole(console, log);
  hideOwnFrames();
  for (const complaint of complaints) log.write("WARN", [complaint]);
  const lastWords = new LastWords(apis, log, life, share !== undefined);
  watchForCrashes(lastWords);
  let stage: Stage = { headline: "Init Error", exitCode: exitCodes.init };
  try {
    installAwsLambdaGlobal(env);
    const handler = await loadHandler(env, concurrency);
    if (share === undefined) await prepareShutdown(authority, askForSignal, log, life);
    else servesAsThread(log);
    if (awaitsSnapshot(env)) {
      stage = { headline: "Before Snapshot Error", exitCode: exitCodes.beforeSnapshot };
      await beforeSnapshotTaken();
      await whenSettled(api.restoreNext(), undefined, (error) => lastWords.apiBroke(error));
      stage = { headline: "After Restore Error", exitCode: exitCodes.afterRestore };
      await afterSnapshotRestored();
    }
    await whenSettled(serveAll(apis, handler, log), undefined, (error) => lastWords.apiBroke(error));
  } catch (error) {
    await lastWords.functionBroke(stage.headline, error, stage.exitCode);
  }
}

/** Signals are heard by the main thread alone, which has not loaded the function and has no hook of it. */
function servesAsThread(log: Log): void {
  if (hooks.onShutdown.length > 0)
    log.write("WARN", ["No shutdown hook may run: the function serves on several threads, which hear no signals"]);
  nowServing();
}

interface Stage {
  readonly headline: string;
  readonly exitCode: number;
}

/** One connection for each invocation that may be in hand. */
function connected(authority: string, count: number, options: RuntimeApiOptions): readonly InvocationInHand[] {
  if (authority === "") {
    writeAll(2, "Cannot start: AWS_LAMBDA_RUNTIME_API is not set, so this is no Lambda execution environment\n");
    return [];
  }
  try {
    return Array.from({ length: count }, () => new InvocationInHand(connectRuntimeApi(authority, options)));
  } catch (error) {
    writeAll(2, `Cannot start: AWS_LAMBDA_RUNTIME_API is wrong: ${error instanceof Error ? error.message : error}\n`);
    return [];
  }
}

function subjectOf(about: { readonly requestId: string; readonly tenantId?: string | undefined } | undefined) {
  return { requestId: about?.requestId, tenantId: about?.tenantId };
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

async function loadHandler(env: NodeJS.ProcessEnv, concurrency: number): Promise<InvocationHandler> {
  const loaded = await loadFunction(env);
  const options = { env, loopEmpties: concurrency > 1 ? neverEmpties : whenLoopEmpties };
  const handler = isRawHandler(loaded)
    ? loaded
    : isStreamingHandler(loaded)
      ? streamingFunctionHandler(loaded, options)
      : functionHandler(loaded, options);
  // One variable cannot hold the traces of several invocations: there they have `currentInvocation()`.
  return concurrency > 1 ? handler : traceEnvironment(env)(handler);
}

async function serveAll(apis: readonly InvocationInHand[], handler: InvocationHandler, log: Log): Promise<void> {
  const onFailure = (_invocation: unknown, thrown: unknown) => log.failure("Invoke Error", thrown);
  // None of them ends but with a refusal.
  await firstOf(...apis.map((api) => serve(api, handler, { onFailure })));
}
