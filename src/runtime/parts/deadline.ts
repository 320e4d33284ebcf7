import type { Invocation } from "../runtime-api.ts";

/** Acts a little before Lambda's time-out would throw the whole environment away; never, where it was not asked to. */
export class Deadline implements Disposable {
  readonly #timer: NodeJS.Timeout | undefined;
  #passed = false;

  constructor({ deadlineEpochMs }: Invocation, beforeMs: number | undefined, act: () => void) {
    if (beforeMs === undefined || deadlineEpochMs === undefined) return;
    const late = () => {
      this.#passed = true;
      act();
    };
    this.#timer = setTimeout(late, Math.max(0, deadlineEpochMs - beforeMs - Date.now()));
  }

  get passed(): boolean {
    return this.#passed;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
