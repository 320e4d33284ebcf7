/** The nouns that all cases share. A case is data: it can be listed, filtered and printed without being run. */

/**
 * How binding a case is. `must`: documented, or breaking it loses invocations; `should`: recommended, or what most do;
 * `may`: judged only where the subject says that it can.
 */
export type Level = "must" | "should" | "may";

/** An id of the catalogue: `RT-…` for runtimes, `EXT-…` for extensions, `SRV-…` for emulators. It is the same whether the case passes or fails. */
export type CaseId = `${"RT" | "EXT" | "SRV"}-${string}-${number}`;

export interface CaseFacts {
  readonly id: CaseId;
  readonly level: Level;
  /** One sentence: what holds for a subject that passes. */
  readonly sentence: string;
  /** What goes wrong in production for a subject that fails. */
  readonly why: string;
  /** Where the requirement is written or was seen. */
  readonly source: string;
  /** It takes seconds by its nature, most of them waiting: a short run leaves it out, a long one runs it beside the others. */
  readonly slow?: true;
  /** What of the requirement is not asked, and why it cannot be. */
  readonly leavesOpen?: string;
  /** Cases without which this one cannot be judged; where one of them fails, this one is not reached. */
  readonly dependsOn?: readonly CaseId[];
}

/** A value of JSON, as literals in cases have it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What must hold for a header or another piece of text; `absent` where it must not be there at all. */
export type TextCheck =
  | { readonly equals: string }
  /** A regular expression. */
  | { readonly matches: string }
  | { readonly absent: true }
  /** Absent, or there without a value: the two mean the same. */
  | { readonly absentOrEmpty: true };
