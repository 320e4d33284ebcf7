import type { WireExchange } from "../platform/wire-message.ts";

/** What caller and puppet got in the course of a case, by the names that the case's moves gave. */
export interface EmulatorEvidence {
  readonly startedAt: number;
  readonly exchanges: ReadonlyMap<string, WireExchange>;
  /** For `look-for-file`. */
  readonly filesFound: ReadonlyMap<string, boolean>;
  /** Processes of the runtime that the emulator started. */
  readonly processes: number;
  /** The function's time-out, where the suite has set it. */
  readonly timeoutMs?: number;
  readonly end: EmulatorEnd;
}

export type EmulatorEnd =
  | { readonly type: "complete" }
  /** Something that must happen did not: the subject's failure. */
  | { readonly type: "stuck"; readonly expected: string; readonly saw: string }
  /** It cannot be told whether the subject is right. */
  | { readonly type: "unclear"; readonly reason: string };
