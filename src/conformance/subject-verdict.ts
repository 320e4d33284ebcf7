import type { SubjectEvidence } from "./subject-evidence.ts";
import type { SubjectFinding } from "./subject-finding.ts";
import { transcriptOf } from "./transcript.ts";
import type { Verdict } from "./verdict.ts";

/** What all findings about a runtime or an extension come to. */
export function verdictOf(all: readonly SubjectFinding[], evidence: SubjectEvidence): Verdict {
  const observations = all.flatMap((finding) => (finding.type === "observed" ? [finding.text] : []));
  const findings = all.flatMap((finding) => ("saw" in finding ? [finding] : []));
  const [unclear] = all.flatMap((finding) => (finding.type === "unclear" ? [finding.reason] : []));
  if (findings.length === 0 && unclear !== undefined) return { type: "not-applicable", reason: unclear };
  if (findings.length === 0) return { type: "passed", observations };
  const offending = findings.flatMap(({ exchange }) => exchange ?? []);
  return {
    type: "failed",
    observations,
    findings: findings.map(({ expected, saw }) => ({ expected, saw })),
    shown: findings.some(({ exchange, late }) => exchange !== undefined && late !== true),
    transcript: [...transcriptOf(evidence.exchanges, offending, evidence.startedAt), ...endOf(evidence)],
  };
}

/** What there is beside the wire. */
function endOf({ faults, exits, output, cutShort, startedAt }: SubjectEvidence): readonly string[] {
  return [
    ...faults.map(({ connection, from, reason }) => `! connection ${connection}, from the ${from}: ${reason}`),
    ...exits.map(({ at, how }) => {
      const ended = "code" in how ? `status ${how.code}` : `signal: ${how.signal}`;
      return `  ${Math.round(at - startedAt)} ms: a process ended (${ended})`;
    }),
    ...(cutShort === undefined ? [] : [`  No further move was made: ${cutShort}`]),
    ...output.map((line) => `  printed: ${JSON.stringify(line).slice(1, -1)}`),
  ];
}
