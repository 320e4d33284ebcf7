import { extensionCases } from "./cases/catalogue.ts";
import type { ExtensionCapability, ExtensionCase } from "./extension-case.ts";
import { type ExtensionSubject, runExtensionCase } from "./harness-extension.ts";
import { judgeExtension } from "./judge-extension.ts";
import { type RunSettings, runCases } from "./run-cases.ts";
import { verdictOf } from "./subject-verdict.ts";
import type { CaseResult, Verdict } from "./verdict.ts";

export interface ExtensionRun extends RunSettings {
  readonly subject: ExtensionSubject;
  /** Every case, unless given. */
  readonly cases?: readonly ExtensionCase[];
  /** What the subject says that it can. */
  readonly declared?: readonly ExtensionCapability[];
}

/** Judges an extension, each case with a process of its own. Throws what is not the subject's fault. */
export function conformExtension(run: ExtensionRun): Promise<readonly CaseResult[]> {
  const { cases = extensionCases } = run;
  return runCases({ ...run, cases, judge: (...asked) => judgeCase(run, ...asked) });
}

async function judgeCase(
  run: ExtensionRun,
  testCase: ExtensionCase,
  signal: AbortSignal,
  patience: number,
): Promise<Verdict> {
  const { subject, declared = [], timeScale = 1, keep } = run;
  const { declares } = testCase;
  if (declares !== undefined && !declared.includes(declares))
    return { type: "not-applicable", reason: `the subject does not declare "${declares}"` };
  if (declares !== "internal" && declared.includes("internal"))
    return { type: "not-applicable", reason: "the extension is a part of its runtime" };
  const { evidence, record } = await runExtensionCase(subject, testCase, signal, patience);
  keep?.(testCase.id, record);
  return verdictOf(
    testCase.expect.flatMap((expectation) => judgeExtension(expectation, evidence, timeScale)),
    evidence,
  );
}
