/**
 * A signal that aborts after so many milliseconds, or with `within`. Disposing of it ends both: what listens to an
 * `AbortSignal.timeout()` is kept in memory until its time is over, and that may be fifteen minutes for each invocation.
 */
export class TimeLimit implements Disposable {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #within: AbortSignal | undefined;

  constructor(durationMs: number, within?: AbortSignal) {
    this.#timer = setTimeout(this.#end, Math.max(0, durationMs));
    this.#within = within;
    within?.addEventListener("abort", this.#end);
    if (within?.aborted) this.#end();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#within?.removeEventListener("abort", this.#end);
  }

  readonly #end = (): void => this.#abort.abort();
}
