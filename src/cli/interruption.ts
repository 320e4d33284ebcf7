import { constants } from "node:os";
import { performance } from "node:perf_hooks";
import { exitCodes } from "./failure.ts";

/** One Ctrl-C reaches a process twice when whoever started it passes it on as well. */
const sameSignalMs = 300;

/**
 * Whatever asks a command to stop: Ctrl-C, another signal, or that nobody reads its output any more. The first time the
 * command cleans up after itself; a second Ctrl-C does not wait for that.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  readonly #unread = (error: NodeJS.ErrnoException) => this.#outputFailed(error);
  #exitCode: number = exitCodes.interrupted;
  #atMs = 0;

  constructor() {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const listener = () => this.#interrupt(128 + constants.signals[name]);
      this.#listeners.set(name, listener);
      process.on(name, listener);
    }
    // For good: what was written before the end may fail after it.
    for (const output of [process.stdout, process.stderr]) output.on("error", this.#unread);
  }

  /** Aborted by the first of them. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the shell is told of it: 130 after Ctrl-C. */
  get exitCode(): number {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #interrupt(exitCode: number): void {
    if (this.signal.aborted) {
      if (performance.now() - this.#atMs > sameSignalMs) process.exit(exitCode);
      return;
    }
    this.#exitCode = exitCode;
    this.#atMs = performance.now();
    this.#controller.abort();
  }

  #outputFailed(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE") throw error;
    process.exitCode = exitCodes.unread;
    if (!this.signal.aborted) this.#interrupt(exitCodes.unread);
  }
}
