import { runtimeCases } from "./cases/catalogue.ts";
import { fixtureLacks } from "./fixture.ts";
import { type RuntimeSubject, runRuntimeCase } from "./harness-runtime.ts";
import { judgeRuntime } from "./judge-runtime.ts";
import { runCases } from "./run-cases.ts";
import type { RuntimeCase } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { transcriptOf } from "./transcript.ts";
import type { CaseResult, Verdict } from "./verdict.ts";

export interface RuntimeRun {
  readonly subject: RuntimeSubject;
  /** Every case, unless given. */
  readonly cases?: readonly RuntimeCase[];
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  readonly heard?: (result: CaseResult) => void;
}

/** Judges a runtime, each case in a fresh execution environment. Throws what is not the subject's fault. */
export function conformRuntime(run: RuntimeRun): Promise<readonly CaseResult[]> {
  const { subject, cases = runtimeCases, jobs = 2, signal = new AbortController().signal, heard } = run;
  return runCases({
    cases,
    jobs,
    signal,
    ...(heard === undefined ? {} : { heard }),
    judge: (testCase) => judgeCase(subject, testCase, signal),
  });
}

async function judgeCase(subject: RuntimeSubject, testCase: RuntimeCase, signal: AbortSignal): Promise<Verdict> {
  const lacks = fixtureLacks(subject.fixture, testCase.needs);
  if (lacks !== undefined) return { type: "not-applicable", reason: lacks };
  return verdictOf(testCase, await runRuntimeCase(subject, testCase, signal));
}

function verdictOf(testCase: RuntimeCase, evidence: RuntimeEvidence): Verdict {
  const findings = testCase.expect.flatMap((expectation) => judgeRuntime(expectation, evidence) ?? []);
  if (findings.length === 0) return { type: "passed", observations: [] };
  const offending = findings.flatMap(({ exchange }) => exchange ?? []);
  return {
    type: "failed",
    observations: [],
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
