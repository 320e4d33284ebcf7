import { runtimeCases } from "./cases/catalogue.ts";
import { fixtureLacks } from "./fixture.ts";
import { type RuntimeSubject, runRuntimeCase } from "./harness-runtime.ts";
import { judgeRuntime } from "./judge-runtime.ts";
import { runCases } from "./run-cases.ts";
import type { Capability, RuntimeCase } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { transcriptOf } from "./transcript.ts";
import type { CaseResult, Verdict } from "./verdict.ts";

export interface RuntimeRun {
  readonly subject: RuntimeSubject;
  /** Every case, unless given. */
  readonly cases?: readonly RuntimeCase[];
  readonly jobs?: number;
  /** What the subject says that it can. */
  readonly declared?: readonly Capability[];
  /** Lengthens what the subject may take; never its clock. */
  readonly timeScale?: number;
  readonly signal?: AbortSignal;
  readonly heard?: (result: CaseResult) => void;
}

/** Judges a runtime, each case in a fresh execution environment. Throws what is not the subject's fault. */
export function conformRuntime(run: RuntimeRun): Promise<readonly CaseResult[]> {
  const { cases = runtimeCases, jobs = 2, signal = new AbortController().signal, heard } = run;
  return runCases({
    cases,
    jobs,
    signal,
    ...(heard === undefined ? {} : { heard }),
    judge: (testCase) => judgeCase(run, testCase, signal),
  });
}

async function judgeCase(run: RuntimeRun, testCase: RuntimeCase, signal: AbortSignal): Promise<Verdict> {
  const { subject, declared = [], timeScale = 1 } = run;
  const { declares } = testCase;
  if (declares !== undefined && !declared.includes(declares))
    return { type: "not-applicable", reason: `the subject does not declare "${declares}"` };
  const lacks = fixtureLacks(subject.fixture, testCase.needs);
  if (lacks !== undefined) return { type: "not-applicable", reason: lacks };
  return verdictOf(testCase, await runRuntimeCase(subject, testCase, signal, timeScale), timeScale);
}

function verdictOf(testCase: RuntimeCase, evidence: RuntimeEvidence, timeScale: number): Verdict {
  const all = testCase.expect.flatMap((expectation) => judgeRuntime(expectation, evidence, timeScale));
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
    transcript: [...transcriptOf(evidence.exchanges, offending, evidence.startedAt), ...endOf(evidence)],
  };
}

/** What there is beside the wire. */
function endOf({ faults, exits, output, cutShort, startedAt }: RuntimeEvidence): readonly string[] {
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
