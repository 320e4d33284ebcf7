import type { SubjectEvidence } from "./subject-evidence.ts";

/** A process with a connection to the API. */
export interface ConnectionHolder {
  readonly command: string;
  /** It belongs to the process group of the runtime. */
  readonly inGroup: boolean;
}

/** What a runtime did in the course of a case. */
export interface RuntimeEvidence extends SubjectEvidence {
  /** How many events of a long series were handed out, of how many. */
  readonly many: { readonly asked: number; readonly done: number };
  /** Who held a connection to the API when the runtime was killed; undefined where this machine does not tell. */
  readonly holders: readonly ConnectionHolder[] | undefined;
  /** What was printed until the service read on. */
  readonly printedWhileHeld: readonly string[];
  /** What was written to the descriptor that the start opened. */
  readonly framed: Buffer;
}
