import type { WireExchange } from "../platform/wire-message.ts";
import type { NotedSignal } from "./puppet.ts";
import type { TelemetryBatch } from "./puppet-listener.ts";

/** What caller and puppets got in the course of a case, by the names that the case's moves gave. */
export interface EmulatorEvidence {
  readonly startedAt: number;
  readonly exchanges: ReadonlyMap<string, WireExchange>;
  /** When each request of a name was sent, whether it has been answered or not. Monotonic milliseconds. */
  readonly sentAt: ReadonlyMap<string, number>;
  /** For `look-for-file`. */
  readonly filesFound: ReadonlyMap<string, boolean>;
  /** Processes of the runtime that the emulator started. */
  readonly processes: number;
  /** The first process of each role: `runtime`, and extensions by name. */
  readonly firsts: ReadonlyMap<string, SeenProcess>;
  /** What was heard of telemetry, by the listeners' names. */
  readonly telemetry: ReadonlyMap<string, readonly TelemetryBatch[]>;
  /** The function's time-out, where the suite has set it. */
  readonly timeoutMs?: number;
  /** What the emulator has printed, where we have started it. */
  readonly printed?: { readonly stdout: string; readonly stderr: string };
  readonly end: EmulatorEnd;
}

export interface SeenProcess {
  readonly variables: ReadonlyMap<string, string>;
  readonly signals: readonly NotedSignal[];
  /** Monotonic milliseconds; undefined while it lives. */
  readonly goneAt: number | undefined;
}

export type EmulatorEnd =
  | { readonly type: "complete" }
  /** Something that must happen did not: the subject's failure. */
  | { readonly type: "stuck"; readonly expected: string; readonly saw: string }
  /** It cannot be told whether the subject is right. */
  | { readonly type: "unclear"; readonly reason: string };
