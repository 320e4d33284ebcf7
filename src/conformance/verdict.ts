import type { CaseFacts, CaseId } from "./case.ts";

/** One expectation that did not hold. */
export interface Finding {
  /** What must hold. */
  readonly expected: string;
  /** What was seen instead. */
  readonly saw: string;
  /** The line of the transcript that shows it, where one does. */
  readonly line?: number;
}

export type Verdict =
  | { readonly type: "passed"; readonly observations: readonly string[] }
  | {
      readonly type: "failed";
      readonly findings: readonly Finding[];
      /** Something wrong was seen; otherwise something is only missing, or was late. */
      readonly shown?: boolean;
      readonly observations: readonly string[];
      /** Everything that went over the wire, and what the subject printed. */
      readonly transcript: readonly string[];
      /** Cases that depend on this one are judged all the same. */
      readonly alone?: true;
    }
  /** It cannot be judged here; never a disgrace. */
  | { readonly type: "not-applicable"; readonly reason: string }
  /** A case that it depends on failed. */
  | { readonly type: "not-reached"; readonly dependency: CaseId };

export interface CaseResult {
  readonly facts: CaseFacts;
  readonly verdict: Verdict;
  readonly durationMs: number;
  /** A list says that it fails, and why. */
  readonly known?: { readonly reason: string };
}

/** The suite could not do its own part, so nothing is said about the subject; `code` is `HARNESS`. */
export class HarnessError extends Error {
  readonly code = "HARNESS";
}

/** The subject cannot be run as it was named; `code` is `SUBJECT`. The message says what to change. */
export class SubjectError extends Error {
  readonly code = "SUBJECT";
}
