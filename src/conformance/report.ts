import type { CaseId } from "./case.ts";
import { shortTranscript, transcriptLimits } from "./short-transcript.ts";
import type { CaseResult, Verdict } from "./verdict.ts";

/** How many cases came out how. */
export interface Tally {
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  /** Failures that a list of known ones expects. */
  readonly known: number;
  /** Cases that passed although the list says that they fail. */
  readonly unexpected: number;
  readonly notApplicable: number;
  /** Cases whose dependency failed. */
  readonly notReached: number;
}

export function tallyOf(results: readonly CaseResult[]): Tally {
  const count = (type: Verdict["type"], known?: boolean) =>
    results.filter(
      (result) => result.verdict.type === type && (known === undefined || (result.known !== undefined) === known),
    ).length;
  return {
    cases: results.length,
    passed: count("passed"),
    failed: count("failed", false),
    known: count("failed", true),
    unexpected: count("passed", true),
    notApplicable: count("not-applicable"),
    notReached: count("not-reached"),
  };
}

/** The last line of a run. What was not reached is named only where there is some, because a failure stands behind it. */
export function tallyLine({ cases, passed, failed, known, notApplicable, notReached, unexpected }: Tally): string {
  const line = `${cases} cases: ${passed} passed, ${failed} failed, ${known} known, ${notApplicable} not applicable`;
  const reached = notReached === 0 ? line : `${line}, ${notReached} not reached`;
  return unexpected === 0 ? reached : `${reached}, ${unexpected} passed although known to fail`;
}

/** What a person would do after this run, the most useful first. */
export function nextSteps(results: readonly CaseResult[]): readonly string[] {
  const failed = results.filter(({ verdict, known }) => verdict.type === "failed" && known === undefined);
  const unexpected = results.filter(({ verdict, known }) => verdict.type === "passed" && known !== undefined);
  const hangingOn = (id: CaseId) =>
    results.filter(({ verdict }) => verdict.type === "not-reached" && verdict.dependency === id).length;
  const [first] = [...failed].sort((a, b) => hangingOn(b.facts.id) - hangingOn(a.facts.id));
  const steps: string[] = [];
  if (first !== undefined) {
    const { id } = first.facts;
    const others = hangingOn(id);
    steps.push(
      `Mend ${id} first${others === 0 ? "" : `, because ${others} more hang on it`}: run it alone with --only ${id}`,
    );
    steps.push("See every failure with its wire in a browser: --report html=report.html");
    steps.push("Where a failure is on purpose, say why in a file: --known-failing FILE");
  }
  if (unexpected.length > 0)
    steps.push(`Take off the list of known failures: ${unexpected.map(({ facts }) => facts.id).join(", ")}`);
  return steps;
}

/** One case as lines for a person: its verdict, and for a failure what was expected, what was seen, and the wire. */
export function linesOfResult({ facts, verdict, known }: CaseResult): readonly string[] {
  if (verdict.type === "failed" && known !== undefined)
    return [
      `known ${facts.id.padEnd(11)}  ${facts.sentence}`,
      ...verdict.findings.flatMap(({ expected, saw }) => [`      expected: ${expected}`, `      saw:      ${saw}`]),
    ];
  const line = `${words[verdict.type]}  ${facts.id.padEnd(11)}  ${facts.sentence}`;
  switch (verdict.type) {
    case "passed":
      return [
        line,
        ...(known !== undefined ? ["      it is on the list of cases that are known to fail: take it off"] : []),
        ...verdict.observations.map((text) => `      observed: ${text}`),
      ];
    case "failed":
      return [
        line,
        `      why it matters: ${facts.why}`,
        `      source: ${facts.source} (${facts.level})`,
        ...verdict.findings.flatMap(({ expected, saw }) => [`      expected: ${expected}`, `      saw:      ${saw}`]),
        ...verdict.observations.map((text) => `      observed: ${text}`),
        ...shortTranscript(verdict.transcript, transcriptLimits.terminal).map((text) => `    ${text}`),
      ];
    case "not-applicable":
      return [line, `      not applicable: ${verdict.reason}`];
    case "not-reached":
      return [line, `      not reached: ${verdict.dependency} failed`];
  }
}

/** Four characters wide, so that ids stand below each other. */
const words: Readonly<Record<Verdict["type"], string>> = {
  passed: "ok  ",
  failed: "FAIL",
  "not-applicable": "n/a ",
  "not-reached": "n/a ",
};
