import { setTimeout as pause } from "node:timers/promises";

/** As long as the moves of a case may take together; a subject that needs longer is judged by what was seen until then. */
export function caseBudgetMs(timeScale = 1): number {
  return 100_000 * Math.max(1, timeScale);
}

/** The work's result, or undefined when it takes longer, or when somebody has lost interest. */
export async function within<T>(limitMs: number, signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  const either = AbortSignal.any([done.signal, signal]);
  const late = pause(limitMs, undefined, { signal: either }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
