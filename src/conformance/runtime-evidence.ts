import type { WireFault } from "./wire-log.ts";
import type { WireExchange } from "./wire-message.ts";

/** What a runtime did in the course of a case. Times are monotonic milliseconds. */
export interface RuntimeEvidence {
  readonly startedAt: number;
  /** In the order in which the requests began. */
  readonly exchanges: readonly WireExchange[];
  readonly faults: readonly WireFault[];
  readonly exits: readonly RuntimeExit[];
  /** What its processes printed, the last of it. */
  readonly output: readonly string[];
  /** Why the service made no further move. */
  readonly cutShort?: string;
}

export interface RuntimeExit {
  readonly at: number;
  readonly how: { readonly code: number } | { readonly signal: string };
}
