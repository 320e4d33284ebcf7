/** The Test Anything Protocol, version 14. https://testanything.org/tap-version-14-specification.html */
import type { ReportDocument, ReportedResult } from "./document.ts";

export function tapReport({ results, interrupted, tally }: ReportDocument): string {
  return [
    "TAP version 14",
    `1..${tally.cases}`,
    ...results.flatMap((result, index) => testPoint(result, index + 1)),
    ...(interrupted ? ["Bail out! The run was ended before all cases were through"] : []),
    "",
  ].join("\n");
}

/** A known failure is a TODO: it is not ok, and does not fail the run. */
function testPoint(result: ReportedResult, number: number): readonly string[] {
  const { id, sentence, verdict, known } = result;
  const say = (ok: boolean, directive = "") =>
    `${ok ? "ok" : "not ok"} ${number} - ${id} ${text(sentence)}${directive}`;
  switch (verdict.type) {
    case "passed":
      return known === undefined
        ? [say(true)]
        : [say(false), ...yaml([["message", "it passed although it is known to fail"]])];
    case "not-applicable":
      return [say(true, ` # SKIP ${text(verdict.reason)}`)];
    case "not-reached":
      return [say(true, ` # SKIP ${verdict.dependency} failed`)];
    case "failed":
      return [
        say(false, known === undefined ? "" : ` # TODO ${text(known.reason)}`),
        ...yaml([
          ["severity", result.level],
          ["why", result.why],
          ...verdict.findings.flatMap(({ expected, saw }, index): [string, string][] => [
            [`expected_${index + 1}`, expected],
            [`saw_${index + 1}`, saw],
          ]),
        ]),
      ];
  }
}

/** A JSON string is a YAML string too. */
function yaml(fields: readonly (readonly [string, string])[]): readonly string[] {
  return ["  ---", ...fields.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`), "  ..."];
}

/** `#` begins a directive, and a line is a line. */
function text(value: string): string {
  return value.replace(/\s+/g, " ").replace(/[\\#]/g, "\\$&");
}
