import type { CaseFacts } from "../case.ts";
import { markdown } from "./markdown.ts";
import { groupOf, groupTitle } from "./word.ts";

/** docs/CASES.md: every case, by group. */
export function cataloguePage(cases: readonly CaseFacts[]): string {
  const groups = [...new Set(cases.map(({ id }) => groupOf(id)))];
  return [
    "# The cases",
    "",
    "Made by `bootlace conformance list --level may --md`; do not edit. `list --json` prints the same with the moves and",
    "expectations of each case, and [CONFORMANCE.md](CONFORMANCE.md) says how they are judged.",
    ...groups.flatMap((group) => [
      "",
      `## ${groupTitle(group)} (${group})`,
      "",
      "| case | level | what must hold | why it matters | source |",
      "|---|---|---|---|---|",
      ...cases
        .filter(({ id }) => groupOf(id) === group)
        .map(
          ({ id, level, sentence, why, source }) =>
            `| ${id} | ${level} | ${[sentence, why, source].map(markdown).join(" | ")} |`,
        ),
    ]),
  ].join("\n");
}
