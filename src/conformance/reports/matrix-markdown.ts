import type { ReportDocument } from "./document.ts";
import { markdown } from "./markdown.ts";
import { type Matrix, matricesOf, type Share, shareOf } from "./matrix.ts";
import { outcomeOf, outcomeSigns } from "./word.ts";

/** The tables, and below them why each red cell is red. `preface` says where the page comes from. */
export function matrixMarkdown(reports: readonly ReportDocument[], preface: readonly string[] = []): string {
  return [
    "# Conformance of real subjects",
    "",
    ...preface,
    "The figures are cases passed of cases that apply. ✓ passed, ✗ failed, – not applicable, · not reached because a case",
    "that it depends on failed.",
    ...matricesOf(reports).flatMap(table),
    "",
  ].join("\n");
}

function table(matrix: Matrix): readonly string[] {
  const { kind, subjects, groups } = matrix;
  const names = subjects.map(({ subject }) => markdown(subject.name));
  return [
    "",
    `## ${kind[0]?.toUpperCase()}${kind.slice(1)}s`,
    "",
    "| subject | language | version | judged | must | should | may |",
    "|---|---|---|---|---|---|---|",
    ...subjects.map((report) => {
      const { subject, date } = report;
      const shares = (["must", "should", "may"] as const).map((level) => words(shareOf(report, level)));
      const cells = [subject.name, subject.language ?? "", subject.version ?? "", date.slice(0, 10), ...shares];
      return `| ${cells.map(markdown).join(" | ")} |`;
    }),
    "",
    `| case | level | what must hold | ${names.join(" | ")} |`,
    `|---|---|---|${names.map(() => ":-:|").join("")}`,
    ...groups.flatMap(({ rows }) =>
      rows.map(({ facts, cells }) => {
        const signs = cells.map((cell) => (cell === undefined ? "" : outcomeSigns[outcomeOf(cell)]));
        return `| ${facts.id} | ${facts.level} | ${markdown(facts.sentence)} | ${signs.join(" | ")} |`;
      }),
    ),
    ...subjects.flatMap(reasons),
  ];
}

function reasons({ subject, results }: ReportDocument): readonly string[] {
  const red = results.flatMap(({ id, verdict, known }) =>
    verdict.type !== "failed"
      ? []
      : [
          `- **${id}** ${markdown(known?.reason ?? verdict.findings.map(({ expected, saw }) => `expected ${expected}; saw ${saw}`).join("; "))}`,
        ],
  );
  return red.length === 0 ? [] : ["", `### Why the red cells of ${markdown(subject.name)} are red`, "", ...red];
}

function words({ passed, applicable }: Share): string {
  return applicable === 0 ? "–" : `${passed} of ${applicable}`;
}
