/** Cases by subjects: what several reports say side by side. */
import type { ReportDocument, ReportedResult, SubjectKind } from "./document.ts";
import { subjectKinds } from "./document.ts";
import { groupOf } from "./word.ts";

export interface MatrixRow {
  /** The case, as the newest report that has it says it. */
  readonly facts: Pick<ReportedResult, "id" | "level" | "sentence" | "why" | "source">;
  /** One for each subject; undefined where its report does not have the case. */
  readonly cells: readonly (ReportedResult | undefined)[];
}

/** One table: subjects of different kinds share no case. */
export interface Matrix {
  readonly kind: SubjectKind;
  readonly subjects: readonly ReportDocument[];
  readonly groups: readonly { readonly group: string; readonly rows: readonly MatrixRow[] }[];
}

/** A table for each kind among the reports, with subjects in the order given. */
export function matricesOf(reports: readonly ReportDocument[]): readonly Matrix[] {
  return subjectKinds.flatMap((kind) => {
    const subjects = reports.filter((report) => report.kind === kind);
    return subjects.length === 0 ? [] : [matrixOf(kind, subjects)];
  });
}

/** How many of the cases of one level that apply have passed. */
export interface Share {
  readonly passed: number;
  readonly applicable: number;
}

export function shareOf({ results }: ReportDocument, level: ReportedResult["level"]): Share {
  const applicable = results.filter((result) => result.level === level && result.verdict.type !== "not-applicable");
  return {
    passed: applicable.filter(({ verdict }) => verdict.type === "passed").length,
    applicable: applicable.length,
  };
}

function matrixOf(kind: SubjectKind, subjects: readonly ReportDocument[]): Matrix {
  const newestFirst = [...subjects].sort((a, b) => b.date.localeCompare(a.date));
  const facts = new Map<string, MatrixRow["facts"]>();
  for (const { results } of newestFirst)
    for (const { id, level, sentence, why, source } of results)
      if (!facts.has(id)) facts.set(id, { id, level, sentence, why, source });
  const rows = [...facts.values()].map((found) => ({
    facts: found,
    cells: subjects.map(({ results }) => results.find(({ id }) => id === found.id)),
  }));
  const groups = [...new Set(rows.map((row) => groupOf(row.facts.id)))];
  return {
    kind,
    subjects,
    groups: groups.map((group) => ({ group, rows: rows.filter((row) => groupOf(row.facts.id) === group) })),
  };
}
