/** The machine's clocks. Decisions use the monotonic one; dates appear only at the rim. */
import { performance } from "node:perf_hooks";

export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Epoch milliseconds. */
  epochMs(): number;
}

export const machineClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
};
