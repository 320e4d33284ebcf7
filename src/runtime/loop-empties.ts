import { firstOf, NativePromise } from "../platform/native-promise.ts";

/** Calls `listener` when nothing is left that could run; returns how to stop waiting for that. */
export type WhenLoopEmpties = (listener: () => void) => () => void;

const waiting = new Set<() => void>();

/** The event loop of this process. The connection to the Runtime API does not count while it is idle. */
export const whenLoopEmpties: WhenLoopEmpties = (listener) => {
  // One for the whole life, unless a function removes it: Node takes its time to add and to remove one.
  if (process.listenerCount("beforeExit", tellWaiting) === 0) process.on("beforeExit", tellWaiting);
  waiting.add(listener);
  return () => waiting.delete(listener);
};

function tellWaiting(): void {
  const listeners = [...waiting];
  waiting.clear();
  for (const listener of listeners) listener();
}

/** For several invocations at once: there is always one that waits, so the event loop is never empty. */
export const neverEmpties: WhenLoopEmpties = () => () => {};

/** Waits for `work`, and rejects with `error` when nothing is left that could settle it. */
export async function unlessLoopEmpties<T>(work: Promise<T>, error: () => Error): Promise<T> {
  const { promise, reject } = NativePromise.withResolvers<never>();
  const stopWaiting = whenLoopEmpties(() => reject(error()));
  try {
    return await firstOf(work, promise);
  } finally {
    stopWaiting();
  }
}
