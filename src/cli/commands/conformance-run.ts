import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { CaseFacts, CaseId } from "../../conformance/case.ts";
import { keepRecord } from "../../conformance/kept-record.ts";
import { type KnownFailure, markKnown, readKnownFailing } from "../../conformance/known-failing.ts";
import { linesOfResult, nextSteps, tallyLine, tallyOf } from "../../conformance/report.ts";
import type { ReportDocument, SubjectKind } from "../../conformance/reports/document.ts";
import { type ReportFormat, renderReport, reportFormats, reportOf } from "../../conformance/reports/render.ts";
import type { RunSettings } from "../../conformance/run-cases.ts";
import { transcriptLimits, withShortTranscript } from "../../conformance/short-transcript.ts";
import type { CaseResult } from "../../conformance/verdict.ts";
import { version } from "../../platform/version.ts";
import { wholeNumber } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { writeDocument } from "./conformance-documents.ts";

/** The options that say what becomes of a run's results. */
interface RunValues {
  readonly json: boolean;
  readonly jobs?: string;
  readonly name?: string;
  readonly keep?: string;
  readonly report: readonly string[];
  readonly "known-failing"?: string;
}

interface ReportFile {
  readonly format: ReportFormat;
  readonly file: string;
}

/** What becomes of the results of one run: lines as they come, documents at the end, and the exit code. */
export class ConformanceRun {
  readonly #json: boolean;
  readonly #jobs: number;
  readonly #kind: SubjectKind;
  readonly #subject: string;
  readonly #name: string | undefined;
  readonly #puppet: ReportDocument["puppet"];
  readonly #known: readonly KnownFailure[];
  /** What the list of known failures names, and no case is called. */
  readonly #unknown: string[] = [];
  readonly #files: readonly ReportFile[];
  readonly #keep: string | undefined;
  /** Of reports, in whatever order the cases are run. */
  readonly #order: readonly CaseId[];
  readonly #results: CaseResult[] = [];

  constructor(
    values: RunValues,
    kind: SubjectKind,
    subject: string,
    cases: readonly CaseFacts[],
    puppet?: ReportDocument["puppet"],
  ) {
    this.#json = values.json;
    this.#jobs = wholeNumber("jobs", values.jobs ?? "2", { min: 1, max: 999 });
    this.#order = cases.map(({ id }) => id);
    this.#keep = values.keep === undefined ? undefined : keptFolder(values.keep);
    this.#kind = kind;
    this.#subject = subject;
    this.#name = values.name;
    this.#puppet = puppet;
    this.#files = values.report.map(reportFile);
    const list = values["known-failing"];
    const unknown = (problem: string) => this.#unknown.push(problem);
    this.#known = list === undefined ? [] : readKnownFailing(list, cases, unknown);
  }

  /** For a run of so many cases. */
  settings(count: number): RunSettings {
    const folder = this.#keep;
    this.#progress(count);
    return {
      jobs: this.#jobs,
      heard: (result) => {
        this.#hear(markKnown(result, this.#known));
        this.#progress(count);
      },
      ...(folder === undefined ? {} : { keep: (id, record) => keepRecord(folder, id, record) }),
    };
  }

  /** Waits for the run. The documents are written also when somebody ends it, with what there is by then. */
  async finish(
    signal: AbortSignal,
    run: Promise<unknown>,
    moreSteps: (results: readonly CaseResult[]) => readonly string[] = () => [],
  ): Promise<number> {
    try {
      await run;
    } finally {
      if (this.#results.length > 0 || !signal.aborted) this.#write(signal.aborted);
      if (signal.aborted && !this.#json)
        console.log(`${process.stdout.isTTY ? eraseLine : ""}Interrupted. ${tallyLine(tallyOf(this.#results))}`);
    }
    const tally = tallyOf(this.#results);
    for (const problem of this.#unknown) console.error(`bootlace: ${problem}.`);
    console.log(this.#json ? this.#render("json", false).trimEnd() : tallyLine(tally));
    const steps = this.#json ? [] : [...nextSteps(this.#results), ...moreSteps(this.#results)];
    for (const step of steps) console.log(`  ${step}`);
    return tally.failed + tally.unexpected + this.#unknown.length > 0 ? exitCodes.function : exitCodes.success;
  }

  /** Below the lines, on a terminal, and gone with the last one. */
  #progress(count: number): void {
    if (this.#json || !process.stdout.isTTY) return;
    const done = this.#results.length;
    process.stdout.write(done < count ? `${eraseLine}${done} of ${count}` : eraseLine);
  }

  #hear(result: CaseResult): void {
    this.#results.push(withShortTranscript(result, transcriptLimits.document));
    if (!this.#json && process.stdout.isTTY) process.stdout.write(eraseLine);
    if (!this.#json) console.log(linesOfResult(result).join("\n"));
  }

  #inOrder(): readonly CaseResult[] {
    return this.#results.toSorted((a, b) => this.#order.indexOf(a.facts.id) - this.#order.indexOf(b.facts.id));
  }

  #write(interrupted: boolean): void {
    for (const { format, file } of this.#files) writeDocument(file, this.#render(format, interrupted));
  }

  #render(format: ReportFormat, interrupted: boolean): string {
    const subject = { name: this.#name ?? this.#subject, command: this.#subject };
    const puppet = this.#puppet;
    const facts = { kind: this.#kind, subject, puppet, version, date: new Date().toISOString(), interrupted };
    return renderReport(format, reportOf(facts, this.#inOrder()));
  }
}

/** Back to where the line begins, and clears it. */
const eraseLine = "\r\u001b[K";

function reportFile(text: string): ReportFile {
  const [word = "", ...rest] = text.split("=");
  const format = reportFormats.find((known) => known === word);
  const file = rest.join("=");
  if (format !== undefined && file !== "") {
    // Whoever has waited for a verdict is not to lose its report.
    if (!existsSync(dirname(file)))
      throw new UsageError(`Cannot write "${file}": there is no folder "${dirname(file)}"`);
    return { format, file };
  }
  throw new UsageError(`Option "--report" takes ${reportFormats.join(", ")} with a file, such as json=result.json`);
}

function keptFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch (error) {
    throw new UsageError(`Cannot keep anything in "${folder}": ${error instanceof Error ? error.message : error}`);
  }
}
