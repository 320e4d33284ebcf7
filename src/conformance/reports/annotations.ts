/**
 * Workflow commands of GitHub Actions: one annotation for each case that fails a run.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
import type { ReportDocument, ReportedResult } from "./document.ts";
import { outcomeOf } from "./word.ts";

export function annotations({ subject, results, interrupted }: ReportDocument): string {
  const lines = results.flatMap(annotation);
  const cut = interrupted ? [command("The run was ended before all cases were through", subject.name)] : [];
  return [...lines, ...cut].map((line) => `${line}\n`).join("");
}

function annotation(result: ReportedResult): readonly string[] {
  const { id, level, sentence, why, verdict } = result;
  const title = `${id} (${level}) ${sentence}`;
  const outcome = outcomeOf(result);
  if (outcome === "unexpected") return [command("It passed, so take it off the list of known failures", title)];
  if (outcome !== "failed" || verdict.type !== "failed") return [];
  const findings = verdict.findings.map(({ expected, saw }) => `expected: ${expected}\nsaw: ${saw}`);
  return [command([...findings, `why it matters: ${why}`].join("\n"), title)];
}

function command(message: string, title: string): string {
  return `::error title=${property(title)}::${data(message)}`;
}

/** How the runner wants text: what would end a command is a percent code. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
