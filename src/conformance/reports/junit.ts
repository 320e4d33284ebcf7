/** The form that most build servers read. https://github.com/testmoapp/junitxml */
import type { ReportDocument, ReportedResult } from "./document.ts";

export function junitReport({ subject, date, tally, results }: ReportDocument): string {
  const { cases, failed, unexpected, known, notApplicable, notReached } = tally;
  const skipped = known + notApplicable + notReached;
  const seconds = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const totals = `tests="${cases}" failures="${failed + unexpected}" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `<testsuite name="${xml(subject.name)}" timestamp="${date}" ${totals}>`,
    ...results.map(testCase),
    "</testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(result: ReportedResult): string {
  const { id, sentence, level, durationMs } = result;
  const name = `name="${id}: ${xml(sentence)}" classname="${level}"`;
  return `<testcase ${name} time="${(durationMs / 1000).toFixed(3)}">${outcome(result)}</testcase>`;
}

function outcome({ verdict, known }: ReportedResult): string {
  switch (verdict.type) {
    case "passed":
      return known === undefined ? "" : '<failure message="It passed although it is known to fail"/>';
    case "not-applicable":
      return `<skipped message="${xml(verdict.reason)}"/>`;
    case "not-reached":
      return `<skipped message="${verdict.dependency} failed"/>`;
    case "failed": {
      const findings = verdict.findings.map(({ expected, saw }) => `expected ${expected}; saw ${saw}`).join("\n");
      if (known !== undefined) return `<skipped message="known to fail: ${xml(findings)}"/>`;
      return `<failure message="${xml(findings)}">${xml(verdict.transcript.join("\n"))}</failure>`;
    }
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
