import { shareOutput, writeAll } from "../platform/write-all.ts";
import { isSingleExecutable } from "./node-flags.ts";

/** Exit codes of a thread in which the function broke while it served: such a thread is replaced, the others go on. */
const brokeWhileServing = [128, 129];

/** What a thread is told by the main one. */
interface Share {
  /** How many invocations it may have in hand. */
  readonly bootlaceShare: number;
  /** Keeps lines of several threads whole. */
  readonly output: SharedArrayBuffer;
}

/**
 * How many threads were asked for with `AWS_LAMBDA_NODEJS_WORKER_COUNT`, the variable of AWS's own client; 0 for none.
 * Only on Managed Instances, and never more threads than invocations; `complain` hears of what cannot be had.
 */
export function threadCountOf(
  env: NodeJS.ProcessEnv,
  concurrency: number,
  complain: (sentence: string) => void,
): number {
  const text = env.AWS_LAMBDA_NODEJS_WORKER_COUNT;
  if (text === undefined || text === "" || concurrency < 2) return 0;
  if (!/^\d{1,5}$/.test(text)) {
    complain(`Serves on one thread: AWS_LAMBDA_NODEJS_WORKER_COUNT is "${text}", which is no number`);
    return 0;
  }
  if (Number(text) < 1) return 0;
  if (isSingleExecutable()) {
    complain("Serves on one thread: a single executable has no program on disk for others, the launcher shape has");
    return 0;
  }
  return Math.min(Number(text), concurrency);
}

/** The share of this thread, if it is one of several; undefined on the main thread. */
export function ownShare(env: NodeJS.ProcessEnv): number | undefined {
  // Not asked for by anybody else, so a start without threads does not load the module.
  if (env.AWS_LAMBDA_NODEJS_WORKER_COUNT === undefined) return undefined;
  const { isMainThread, workerData } = threads();
  if (isMainThread) return undefined;
  // as: a function may start workers of its own with this program's file, and those have other data.
  const share = workerData as Partial<Share> | null;
  if (share?.bootlaceShare === undefined || share.output === undefined) return undefined;
  shareOutput(share.output);
  return share.bootlaceShare;
}

/** Tells the main thread that Init is over here. */
export function nowServing(): void {
  threads().parentPort?.postMessage("serving");
}

/** Runs this program on `count` threads that divide the invocations among themselves; resolves never. */
export function runThreads(count: number, concurrency: number): Promise<never> {
  const output = new SharedArrayBuffer(4);
  for (let index = 0; index < count; index += 1)
    startThread({ bootlaceShare: Math.floor((concurrency + index) / count), output });
  return new Promise(() => {});
}

function startThread(workerData: Share): void {
  const { Worker } = threads();
  // The program itself: a file, since this is no single executable.
  const worker = new Worker(process.argv[1] ?? "", { workerData, env: process.env });
  let serving = false;
  worker.on("message", (message) => {
    serving ||= message === "serving";
  });
  worker.on("error", (error) => {
    writeAll(2, `A thread broke: ${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  });
  worker.on("exit", (code) => {
    if (serving && brokeWhileServing.includes(code)) startThread(workerData);
    else process.exit(code);
  });
}

/** Not imported: whoever does not ask for threads starts sooner. */
function threads() {
  return process.getBuiltinModule("node:worker_threads");
}
