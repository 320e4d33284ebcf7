/** Calls `listener` when nothing is left that could run; returns how to stop waiting for that. */
export type WhenLoopEmpties = (listener: () => void) => () => void;

/** The event loop of this process. The connection to the Runtime API does not count while it is idle. */
export const whenLoopEmpties: WhenLoopEmpties = (listener) => {
  process.once("beforeExit", listener);
  return () => process.off("beforeExit", listener);
};
