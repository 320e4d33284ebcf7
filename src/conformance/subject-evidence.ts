import type { WireExchange } from "../platform/wire-message.ts";
import type { WireFault } from "./wire-log.ts";

/** What a runtime or an extension did in the course of a case. Times are monotonic milliseconds. */
export interface SubjectEvidence {
  readonly startedAt: number;
  /** In the order in which the requests began. */
  readonly exchanges: readonly WireExchange[];
  readonly faults: readonly WireFault[];
  readonly exits: readonly SubjectExit[];
  /** How many processes of the subject were started. */
  readonly starts: number;
  /** TCP connections that the subject opened. */
  readonly connections: number;
  /** When a move of this kind was made last. */
  readonly moments: Readonly<Partial<Record<"signal" | "close-api" | "cut", number>>>;
  /** How long the subject had waited for a processor when a request came, where that was looked at. */
  readonly waitedMs?: ReadonlyMap<WireExchange, number>;
  /** What an idle program takes here to start and to end: no subject is blamed for that. */
  readonly floorMs: number;
  /** Of all processes of the subject together: early in a long series of events, and after it. */
  readonly samples: readonly ProcessSample[];
  /** What its processes printed, the last of it. */
  readonly output: readonly string[];
  /** The same byte for byte, also where a line has no end. */
  readonly written: string;
  /** Why the service made no further move. */
  readonly cutShort?: string;
}

export interface ProcessSample {
  readonly files: number;
  readonly threads: number;
  readonly memoryBytes: number;
}

export interface SubjectExit {
  readonly at: number;
  readonly how: { readonly code: number } | { readonly signal: string };
}
