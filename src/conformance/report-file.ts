/** Results as documents for programs and for pages. */
import { tallyLine, tallyOf } from "./report.ts";
import type { CaseResult } from "./verdict.ts";

export const reportFormats = ["json", "junit", "md"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportFacts {
  /** What was judged, as the person called it. */
  readonly subject: string;
  /** Of the suite. */
  readonly version: string;
  /** ISO date and time. */
  readonly date: string;
  /** Somebody ended the run before all cases were through. */
  readonly interrupted: boolean;
}

/** The results as text in this format. */
export function renderReport(format: ReportFormat, facts: ReportFacts, results: readonly CaseResult[]): string {
  return { json: jsonReport, junit: junitReport, md: markdownReport }[format](facts, results);
}

function jsonReport(facts: ReportFacts, results: readonly CaseResult[]): string {
  return `${JSON.stringify({ schema: 1, ...facts, tally: tallyOf(results), results: results.map(resultOf) }, undefined, 2)}\n`;
}

function resultOf({ facts, verdict, durationMs, known }: CaseResult) {
  const { id, level, sentence, why, source } = facts;
  return { id, level, sentence, why, source, verdict, known: known === true, durationMs: Math.round(durationMs) };
}

/** The form that most build servers read. https://github.com/testmoapp/junitxml */
function junitReport({ subject, date }: ReportFacts, results: readonly CaseResult[]): string {
  const { cases, failed, unexpected, known, notApplicable, notReached } = tallyOf(results);
  const skipped = known + notApplicable + notReached;
  const seconds = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const totals = `tests="${cases}" failures="${failed + unexpected}" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `<testsuite name="${xml(subject)}" timestamp="${date}" ${totals}>`,
    ...results.map(junitCase),
    "</testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function junitCase(result: CaseResult): string {
  const { facts, durationMs } = result;
  const name = `name="${facts.id}: ${xml(facts.sentence)}" classname="${facts.level}"`;
  return `<testcase ${name} time="${(durationMs / 1000).toFixed(3)}">${junitOutcome(result)}</testcase>`;
}

function junitOutcome({ verdict, known }: CaseResult): string {
  switch (verdict.type) {
    case "passed":
      return known === true ? '<failure message="It passed although it is known to fail"/>' : "";
    case "not-applicable":
      return `<skipped message="${xml(verdict.reason)}"/>`;
    case "not-reached":
      return `<skipped message="${verdict.dependency} failed"/>`;
    case "failed": {
      const findings = verdict.findings.map(({ expected, saw }) => `expected ${expected}; saw ${saw}`).join("\n");
      if (known === true) return `<skipped message="known to fail: ${xml(findings)}"/>`;
      return `<failure message="${xml(findings)}">${xml(verdict.transcript.join("\n"))}</failure>`;
    }
  }
}

function markdownReport({ subject, version, date, interrupted }: ReportFacts, results: readonly CaseResult[]): string {
  const failures = results.filter(({ verdict }) => verdict.type === "failed");
  return [
    `# Conformance of ${markdown(subject)}`,
    "",
    `${tallyLine(tallyOf(results))}. Bootlace ${version}, ${date.slice(0, 10)}.`,
    ...(interrupted ? ["", "The run was ended before all cases were through."] : []),
    "",
    "| case | level | verdict | what must hold |",
    "|---|---|---|---|",
    ...results.map(
      (result) =>
        `| ${result.facts.id} | ${result.facts.level} | ${word(result)} | ${markdown(result.facts.sentence)} |`,
    ),
    ...failures.flatMap(({ facts, verdict }) => [
      "",
      `## ${facts.id}`,
      "",
      `${markdown(facts.why)}. Source: ${markdown(facts.source)}.`,
      "",
      ...(verdict.type === "failed"
        ? verdict.findings.map(({ expected, saw }) => `- expected ${markdown(expected)}; saw ${markdown(saw)}`)
        : []),
    ]),
    "",
  ].join("\n");
}

function word({ verdict, known }: CaseResult): string {
  switch (verdict.type) {
    case "passed":
      return known === true ? "passed, though known to fail" : "passed";
    case "failed":
      return known === true ? "known to fail" : "**failed**";
    case "not-applicable":
      return `n/a: ${markdown(verdict.reason)}`;
    case "not-reached":
      return `not reached: ${verdict.dependency} failed`;
  }
}

/** Characters that XML cannot hold at all become question marks. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** One line that stays in its cell of a table. */
function markdown(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replace(/[\\|`*_<>[\]]/g, "\\$&");
}
