import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import type { FunctionError } from "../../protocol/function-error.ts";
import { functionErrorOf, TypedError } from "../function-error.ts";
import type { Invocation, InvocationHandler } from "../runtime-api.ts";
import { Deadline } from "./deadline.ts";

type Message =
  | { readonly type: "ready" }
  | { readonly type: "response"; readonly body: Uint8Array }
  | { readonly type: "error"; readonly error: FunctionError };

/** What runs in a worker: bytes in, bytes out. */
export type WorkerBody = (invocation: Invocation) => Promise<Uint8Array> | Uint8Array;

/**
 * Starts a worker thread whose module calls {@link answerInWorker}, and keeps it for all invocations. Resolves when that has
 * been called; rejects with what the module throws before. A worker that ends fails the invocation in hand with
 * `Runtime.ExitError`, and the next invocation gets a new one. So does one that is stopped `killBeforeDeadlineMs` before
 * the deadline, with `Runtime.DeadlineExceeded`: an endless loop in a worker does not stop this thread.
 */
export async function workerHandler(
  module: URL,
  { killBeforeDeadlineMs }: { readonly killBeforeDeadlineMs?: number } = {},
): Promise<InvocationHandler & Disposable> {
  let thread = await Thread.start(module);
  const handler: InvocationHandler = async (invocation) => {
    if (thread.broken) thread = await Thread.start(module);
    using deadline = new Deadline(invocation, killBeforeDeadlineMs, () => thread.end());
    try {
      return bodyOf(await thread.ask(invocation));
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error;
      if (deadline.passed)
        throw new TypedError("Runtime.DeadlineExceeded", "The worker was stopped before its time-out");
      throw new TypedError("Runtime.ExitError", error.message, { cause: error.cause });
    }
  };
  return Object.assign(handler, { [Symbol.dispose]: () => thread.end() });
}

/** In the worker's module: answers invocations with `body`, one after another. */
export function answerInWorker(body: WorkerBody): void {
  const port = parentPort;
  if (isMainThread || port === null)
    throw new Error("answerInWorker belongs into the module that workerHandler starts");
  const say = (message: Message) => port.postMessage(message);
  port.on("message", async (invocation: Invocation) => {
    try {
      say({ type: "response", body: await body(invocation) });
    } catch (thrown) {
      say({ type: "error", error: functionErrorOf(thrown) });
    }
  });
  say({ type: "ready" });
}

class WorkerEnded extends Error {}

class Thread {
  readonly #worker: Worker;
  #broken = false;

  private constructor(module: URL) {
    this.#worker = new Worker(module);
    // Also when it breaks while nobody waits for it: the next invocation finds out.
    const breaks = () => {
      this.#broken = true;
    };
    this.#worker.on("error", breaks).on("exit", breaks);
  }

  /** A worker that has said that it is ready. */
  static async start(module: URL): Promise<Thread> {
    const thread = new Thread(module);
    try {
      await heard(thread.#worker);
      return thread;
    } catch (error) {
      throw error instanceof WorkerEnded ? (error.cause ?? new TypedError("Runtime.ExitError", error.message)) : error;
    }
  }

  get broken(): boolean {
    return this.#broken;
  }

  ask(invocation: Invocation): Promise<Message> {
    const answer = heard(this.#worker);
    this.#worker.postMessage(invocation);
    return answer;
  }

  end(): void {
    this.#broken = true;
    void this.#worker.terminate();
  }
}

/** The worker's next message, or the end of the worker. */
async function heard(worker: Worker): Promise<Message> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      // as: both ends are in this file.
      once(worker, "message", { signal }).then(([message]) => message as Message),
      once(worker, "exit", { signal }).then(([code]) => {
        throw new WorkerEnded(`The worker ended with status ${code}`);
      }),
    ]);
  } catch (error) {
    // `once` rejects with what the worker threw.
    if (error instanceof WorkerEnded) throw error;
    throw new WorkerEnded(`The worker ended: ${functionErrorOf(error).errorMessage}`, { cause: error });
  } finally {
    over.abort();
  }
}

function bodyOf(message: Message): Uint8Array {
  if (message.type === "response") return message.body;
  const {
    errorType,
    errorMessage,
    stackTrace = [],
  } = message.type === "error" ? message.error : { errorType: "Runtime.ProtocolError", errorMessage: "No answer" };
  const error = new TypedError(errorType, errorMessage);
  if (stackTrace.length > 0) error.stack = stackTrace.join("\n");
  throw error;
}
