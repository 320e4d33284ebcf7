/** Processes of one execution environment. Two bodies: real processes, and whatever a test puts in their place. */
import type { Exit } from "../../core/environment/input.ts";
import type { ProcessName, ProcessorShare } from "../../core/environment/model.ts";
import type { LostWork } from "./lost-work.ts";
import type { Door } from "./network.ts";

export interface ProcessSpec {
  readonly name: ProcessName;
  /** The program as the environment sees it, such as `/opt/bootstrap`. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface SupervisorEvents {
  exited(name: ProcessName, exit: Exit): void;
  startFailed(name: ProcessName, reason: string): void;
  /** The process and its children have let go of its outputs; `wrote` is not called any more. */
  outputEnded(name: ProcessName): void;
  /** Something that was still going on when the environment was frozen, or that is late now that it is thawed. */
  lostWork?(lost: readonly LostWork[]): void;
  /** A piece of what the process wrote; `stream` tells its two outputs apart. */
  wrote(name: ProcessName, stream: "stdout" | "stderr", chunk: Buffer): void;
}

export interface Supervisor {
  /** The way into the environment's own network; undefined where it shares this machine's. */
  door?(): Promise<Door | undefined>;
  start(spec: ProcessSpec): void;
  signal(name: ProcessName, signal: "SIGTERM" | "SIGKILL"): void;
  freeze(): void;
  thaw(): void;
  /** The most memory that the environment's living processes have used, in bytes; undefined where nobody can tell. */
  peakMemoryBytes(): number | undefined;
  /** Resolves when a freeze that was asked for has happened. */
  settled?(): Promise<void>;
  /** Holds when this returns. A new environment has all of them. */
  processors?(share: ProcessorShare): void;
  /** Kills whatever is left; resolves when it is gone. */
  close(): void | Promise<void>;
}
