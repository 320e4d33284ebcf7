import type { CaseFacts } from "../case.ts";
import { notJudged } from "../cases/not-judged.ts";
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
    "",
    "## What is left open",
    "",
    "Requirements that cannot be told from outside, or not as a whole.",
    "",
    "| requirement | what is not asked, and why |",
    "|---|---|",
    ...notJudged.map(({ id, requirement, why }) => `| ${id}: ${markdown(requirement)} | No case. ${markdown(why)} |`),
    ...cases.flatMap(({ id, leavesOpen }) => (leavesOpen === undefined ? [] : [`| ${id} | ${markdown(leavesOpen)} |`])),
  ].join("\n");
}
