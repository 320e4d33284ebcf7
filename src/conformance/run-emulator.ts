import { emulatorCases } from "./cases/catalogue.ts";
import type { EmulatorCase } from "./emulator-case.ts";
import type { EmulatorEvidence } from "./emulator-evidence.ts";
import type { EmulatorSubject } from "./emulator-subject.ts";
import { runEmulatorCase } from "./harness-emulator.ts";
import { judgeEmulator } from "./judge-emulator.ts";
import type { CaseRecord } from "./kept-record.ts";
import { type PuppetProgram, puppetProgram } from "./puppet-program.ts";
import { type RunSettings, runCases } from "./run-cases.ts";
import { transcriptOf } from "./transcript.ts";
import { type CaseResult, HarnessError, type Verdict } from "./verdict.ts";

export interface EmulatorRun extends RunSettings {
  readonly subject: EmulatorSubject;
  /** Every case, unless given. */
  readonly cases?: readonly EmulatorCase[];
  /** An emulator that runs already is given one case at a time, whatever this says. */
  readonly jobs?: number;
}

/** Judges an emulator by what callers and runtimes get from it. Throws what is not the subject's fault. */
export function conformEmulator(run: EmulatorRun): Promise<readonly CaseResult[]> {
  const { subject, cases = emulatorCases, jobs = 2, keep } = run;
  const { type: puppet } = puppetProgram(subject.puppet);
  let calledBack = false;
  return runCases({
    ...run,
    cases,
    jobs: subject.type === "url" ? 1 : jobs,
    judge: async (testCase, signal, timeScale) => {
      const evidence = await runEmulatorCase(subject, testCase, signal, timeScale);
      keep?.(testCase.id, recordOf(evidence));
      calledBack ||= evidence.processes > 0;
      if (!calledBack && evidence.end.type === "stuck") throw neverCalledBack(testCase, puppet, evidence.end.saw);
      return verdictOf(testCase, evidence);
    },
  });
}

function recordOf({ startedAt, exchanges, printed }: EmulatorEvidence): CaseRecord {
  const ordered = [...exchanges].sort(([, a], [, b]) => a.at - b.at);
  const journal = ordered.map(
    ([name, { at }]) => `${JSON.stringify({ at: Math.round(at - startedAt), request: name })}\n`,
  );
  return {
    startedAt,
    exchanges: ordered.map(([, exchange]) => exchange),
    stdout: printed?.stdout ?? "",
    stderr: printed?.stderr ?? "",
    journal: journal.join(""),
  };
}

/** The puppet may not run at all where the emulator puts it, in a container for example, and that says nothing about the emulator. */
function neverCalledBack({ id }: EmulatorCase, puppet: PuppetProgram["type"], saw: string): HarnessError {
  const how = puppet === "node" ? " with Node.js on the path (an executable needs none: --puppet FILE)" : "";
  return new HarnessError(
    `Cannot judge the emulator: in case ${id} no function that it started has called back (${saw}). ` +
      `It has to run the function's folder${how}, and to reach this machine's loopback address`,
  );
}

function verdictOf(testCase: EmulatorCase, evidence: EmulatorEvidence): Verdict {
  const { end } = evidence;
  if (end.type === "unclear") return { type: "not-applicable", reason: end.reason };
  const essential = testCase.expect.flatMap((expectation) => judgeEmulator(expectation, evidence) ?? []);
  const beside = (testCase.also ?? []).flatMap((expectation) => judgeEmulator(expectation, evidence) ?? []);
  const judged = [...essential, ...beside];
  const observations = judged.flatMap((finding) => (finding.type === "observed" ? [finding.text] : []));
  const failed = judged.flatMap((finding) => (finding.type === "failed" ? [finding] : []));
  if (end.type === "complete" && failed.length === 0) return { type: "passed", observations };
  // Where the case got stuck, what is missing behind that point is no news.
  const seen = end.type === "stuck" ? failed.filter(({ exchange }) => exchange?.answer !== undefined) : failed;
  const offending = seen.flatMap(({ exchange }) => exchange ?? []);
  const exchanges = [...evidence.exchanges.values()].sort((a, b) => a.at - b.at);
  return {
    type: "failed",
    ...(end.type === "complete" && !essential.some(({ type }) => type === "failed") ? { alone: true } : {}),
    observations,
    findings: [
      ...seen.map(({ expected, saw }) => ({ expected, saw })),
      ...(end.type === "stuck" ? [{ expected: end.expected, saw: end.saw }] : []),
    ],
    transcript: transcriptOf(exchanges, offending, evidence.startedAt),
  };
}
