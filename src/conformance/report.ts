import type { CaseResult, Verdict } from "./verdict.ts";

/** How many cases came out how. */
export interface Tally {
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  /** Failures that a list of known ones expects; there are no such lists yet. */
  readonly known: number;
  readonly notApplicable: number;
  /** Cases whose dependency failed. */
  readonly notReached: number;
}

export function tallyOf(results: readonly CaseResult[]): Tally {
  const count = (type: Verdict["type"]) => results.filter(({ verdict }) => verdict.type === type).length;
  return {
    cases: results.length,
    passed: count("passed"),
    failed: count("failed"),
    known: 0,
    notApplicable: count("not-applicable"),
    notReached: count("not-reached"),
  };
}

/** The last line of a run. What was not reached is named only where there is some, because a failure stands behind it. */
export function tallyLine({ cases, passed, failed, known, notApplicable, notReached }: Tally): string {
  const line = `${cases} cases: ${passed} passed, ${failed} failed, ${known} known, ${notApplicable} not applicable`;
  return notReached === 0 ? line : `${line}, ${notReached} not reached`;
}

/** One case as lines for a person: its verdict, and for a failure what was expected, what was seen, and the wire. */
export function linesOfResult({ facts, verdict }: CaseResult): readonly string[] {
  const line = `${words[verdict.type]}  ${facts.id.padEnd(11)}  ${facts.sentence}`;
  switch (verdict.type) {
    case "passed":
      return [line, ...verdict.observations.map((text) => `      observed: ${text}`)];
    case "failed":
      return [
        line,
        `      why it matters: ${facts.why}`,
        `      source: ${facts.source} (${facts.level})`,
        ...verdict.findings.flatMap(({ expected, saw }) => [`      expected: ${expected}`, `      saw:      ${saw}`]),
        ...verdict.observations.map((text) => `      observed: ${text}`),
        ...verdict.transcript.map((text) => `    ${text}`),
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
