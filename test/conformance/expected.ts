import type { CaseFacts, CaseId } from "../../src/conformance/case.ts";
import type { CaseResult, Verdict } from "../../src/conformance/verdict.ts";

/** What a run of `cases` must come to when exactly `defect` is there: verdict by id, as lines that read well in a diff. */
export function expected(cases: readonly CaseFacts[], defect?: CaseId): readonly string[] {
  return cases.map(({ id }) => {
    if (defect === undefined) return `${id} passed`;
    if (id === defect) return `${id} failed`;
    return `${id} ${dependsOn(cases, id, defect) ? "not-reached" : "passed"}`;
  });
}

export function verdicts(results: readonly CaseResult[]): readonly string[] {
  return results.map(({ facts, verdict }) => `${facts.id} ${verdict.type}`);
}

/** The case with everything that it depends on, in the order of `cases`. */
export function withDependencies<Case extends CaseFacts>(cases: readonly Case[], id: CaseId): readonly Case[] {
  return cases.filter((candidate) => candidate.id === id || dependsOn(cases, id, candidate.id));
}

function dependsOn(cases: readonly CaseFacts[], id: CaseId, on: CaseId): boolean {
  const direct = cases.find((candidate) => candidate.id === id)?.dependsOn ?? [];
  return direct.includes(on) || direct.some((dependency) => dependsOn(cases, dependency, on));
}

/** What of these results is not what exactly this defect comes to, with what was seen. */
export function unexpected(results: readonly CaseResult[], defect: CaseId): readonly string[] {
  const must = expected(
    results.map(({ facts }) => facts),
    defect,
  );
  return results.flatMap(({ facts: { id }, verdict }, index) => {
    const due = must[index];
    // What hangs on the broken case may hang on another part of it.
    if (`${id} ${verdict.type}` === due || (verdict.type === "passed" && due === `${id} not-reached`)) return [];
    return [`${id} ${verdict.type}, where "${due}" was due: ${reasonOf(verdict)}`];
  });
}

function reasonOf(verdict: Verdict): string {
  if (verdict.type === "failed") return verdict.findings.map((one) => `${one.expected}; saw ${one.saw}`).join(" | ");
  if (verdict.type === "not-applicable") return verdict.reason;
  return verdict.type === "not-reached" ? verdict.dependency : "it found nothing";
}
