import { runtimeCases } from "./cases/catalogue.ts";
import { fixtureLacks } from "./fixture.ts";
import { type RuntimeSubject, runRuntimeCase } from "./harness-runtime.ts";
import { judgeRuntime } from "./judge-runtime.ts";
import { type RunSettings, runCases } from "./run-cases.ts";
import type { Capability, RuntimeCase } from "./runtime-case.ts";
import { verdictOf } from "./subject-verdict.ts";
import type { CaseResult, Verdict } from "./verdict.ts";

export interface RuntimeRun extends RunSettings {
  readonly subject: RuntimeSubject;
  /** Every case, unless given. */
  readonly cases?: readonly RuntimeCase[];
  /** What the subject says that it can. */
  readonly declared?: readonly Capability[];
}

/** Judges a runtime, each case in a fresh execution environment. Throws what is not the subject's fault. */
export function conformRuntime(run: RuntimeRun): Promise<readonly CaseResult[]> {
  const { cases = runtimeCases } = run;
  return runCases({ ...run, cases, judge: (...asked) => judgeCase(run, ...asked) });
}

async function judgeCase(
  run: RuntimeRun,
  testCase: RuntimeCase,
  signal: AbortSignal,
  patience: number,
): Promise<Verdict> {
  const { subject, declared = [], timeScale = 1, keep } = run;
  const { declares } = testCase;
  if (declares !== undefined && !declared.includes(declares))
    return { type: "not-applicable", reason: `the subject does not declare "${declares}"` };
  const lacks = fixtureLacks(subject.fixture, testCase.needs);
  if (lacks !== undefined) return { type: "not-applicable", reason: lacks };
  const { evidence, record } = await runRuntimeCase(subject, testCase, signal, patience);
  keep?.(testCase.id, record);
  return verdictOf(
    testCase.expect.flatMap((expectation) => judgeRuntime(expectation, evidence, timeScale)),
    evidence,
  );
}
