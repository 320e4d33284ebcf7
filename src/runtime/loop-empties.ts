/** Calls `listener` when nothing is left that could run; returns how to stop waiting for that. */
export type WhenLoopEmpties = (listener: () => void) => () => void;

/** The event loop of this process. The connection to the Runtime API does not count while it is idle. */
export const whenLoopEmpties: WhenLoopEmpties = (listener) => {
  process.once("beforeExit", listener);
  return () => process.off("beforeExit", listener);
};

/** For several invocations at once: there is always one that waits, so the event loop is never empty. */
export const neverEmpties: WhenLoopEmpties = () => () => {};

/** Waits for `work`, and rejects with `error` when nothing is left that could settle it. */
export async function unlessLoopEmpties<T>(work: Promise<T>, error: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stopWaiting = whenLoopEmpties(() => reject(error()));
  try {
    return await Promise.race([work, promise]);
  } finally {
    stopWaiting();
  }
}
