import type { SubjectEvidence } from "./subject-evidence.ts";

/** What a runtime did in the course of a case. */
export interface RuntimeEvidence extends SubjectEvidence {
  /** How many events of a long series were handed out, of how many. */
  readonly many: { readonly asked: number; readonly done: number };
}
