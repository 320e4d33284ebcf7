import { tallyLine } from "../report.ts";
import type { ReportDocument, ReportedResult } from "./document.ts";
import { outcomeOf } from "./word.ts";

export function markdownReport({ subject, suite, date, interrupted, tally, results }: ReportDocument): string {
  return [
    `# Conformance of ${markdown(subject.name)}`,
    "",
    `${tallyLine(tally)}. Bootlace ${suite.version}, ${date.slice(0, 10)}.`,
    ...(interrupted ? ["", "The run was ended before all cases were through."] : []),
    "",
    "| case | level | verdict | what must hold |",
    "|---|---|---|---|",
    ...results.map(
      (result) => `| ${result.id} | ${result.level} | ${verdictWords(result)} | ${markdown(result.sentence)} |`,
    ),
    ...results.flatMap(details),
    "",
  ].join("\n");
}

function details({ id, why, source, verdict, known }: ReportedResult): readonly string[] {
  if (verdict.type !== "failed") return [];
  return [
    "",
    `## ${id}`,
    "",
    `${markdown(why)}. Source: ${markdown(source)}.`,
    ...(known === undefined ? [] : ["", `Known to fail: ${markdown(known.reason)}`]),
    "",
    ...verdict.findings.map(({ expected, saw }) => `- expected ${markdown(expected)}; saw ${markdown(saw)}`),
  ];
}

function verdictWords(result: ReportedResult): string {
  const { verdict } = result;
  if (verdict.type === "not-applicable") return `n/a: ${markdown(verdict.reason)}`;
  if (verdict.type === "not-reached") return `not reached: ${verdict.dependency} failed`;
  const outcome = outcomeOf(result);
  if (outcome === "failed") return "**failed**";
  return outcome === "known" ? "known to fail" : outcome === "passed" ? "passed" : "passed, though known to fail";
}

/** One line that stays in its cell of a table. */
export function markdown(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replace(/[\\|`*_<>[\]]/g, "\\$&");
}
