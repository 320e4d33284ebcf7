import type { CaseFacts, Level } from "../../conformance/case.ts";
import { emulatorCases, runtimeCases } from "../../conformance/cases/catalogue.ts";
import { absoluteCommand } from "../../conformance/command-line.ts";
import type { EmulatorSubject } from "../../conformance/emulator-subject.ts";
import { javascriptFixture, readFixture } from "../../conformance/fixture.ts";
import { type KnownFailure, markKnown, readKnownFailing } from "../../conformance/known-failing.ts";
import { linesOfResult, nextSteps, tallyLine, tallyOf } from "../../conformance/report.ts";
import type { SubjectKind } from "../../conformance/reports/document.ts";
import { type ReportFormat, renderReport, reportFormats, reportOf } from "../../conformance/reports/render.ts";
import { selectCases } from "../../conformance/run-cases.ts";
import { conformEmulator } from "../../conformance/run-emulator.ts";
import { conformRuntime } from "../../conformance/run-runtime.ts";
import { type Capability, capabilities } from "../../conformance/runtime-case.ts";
import { type CaseResult, HarnessError, SubjectError } from "../../conformance/verdict.ts";
import { version } from "../../platform/version.ts";
import { type Command, parseCommand, wholeNumber } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { listCases, writeDocument, writeMatrix } from "./conformance-documents.ts";

const help = `bootlace conformance run runtime [options] -- COMMAND [ARG ...]
bootlace conformance run emulator [options]
bootlace conformance list [--json | --md]
bootlace conformance matrix RESULT.json ... [--html FILE]

Judges a runtime by what it sends when our emulator runs it, or an emulator by what callers and
runtimes get from it; without --url it is ours. Each case says what must hold and why it matters.
"matrix" sets reports that "--report json=FILE" wrote side by side, as Markdown or as a page.

  --task DIR            runtime: the fixture's folder, with a fixture.json   [JavaScript]
  --handler NAME        runtime: the handler that serves the fixture's operations
  --mounts              runtime: use /var/task, /opt and /tmp, where this machine can
  --url URL             emulator: one that runs already, and takes one invocation at a time
  --function-dir DIR    emulator: where the function at --url has its code; ours is put there
  --function-name NAME  emulator: the function's name at --url               [function]
  --only GLOB           cases whose id matches, such as "RT-ERR-*"
  --level LEVEL         must, should (with must) or may (all)                [should]
  --declare A,B         runtime: what it says that it can (streaming)
  --known-failing FILE  cases that may fail: an id and a reason for each
  --time-scale X        the subject may take so many times as long           [1]
  --jobs N              cases at once                                        [2]
  --name NAME           what to call the subject in reports
  --report FORMAT=FILE  also write json, junit, tap, html, md, badge or annotations;
                        may be repeated
  --html FILE           matrix: one page with the evidence behind each cell
  --json                one JSON document in place of the lines
  --md                  list: as a page

Exit code: 0 nothing failed that was not known, 1 something did (or a known failure passes), 2 your
command line, 70 the suite itself failed.

  bootlace conformance run runtime -- ./bootstrap
  bootlace conformance run emulator --only "SRV-FE-*"`;

const options = {
  task: { type: "string" },
  handler: { type: "string" },
  mounts: { type: "boolean", default: false },
  url: { type: "string" },
  "function-dir": { type: "string" },
  "function-name": { type: "string", default: "function" },
  only: { type: "string" },
  level: { type: "string", default: "should" },
  declare: { type: "string" },
  "known-failing": { type: "string" },
  "time-scale": { type: "string", default: "1" },
  name: { type: "string" },
  report: { type: "string", multiple: true, default: [] as string[] },
  jobs: { type: "string", default: "2" },
  html: { type: "string" },
  json: { type: "boolean", default: false },
  md: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

export const command: Command = {
  name: "conformance",
  summary: "judge a runtime or an emulator against Lambda's contract",
  help,
  async run(args, signal) {
    const { values, positionals } = parse(args);
    const [verb, kind, ...rest] = positionals;
    try {
      if (verb === "list" && kind === undefined) return list(values);
      if (verb === "matrix") return writeMatrix(positionals.slice(1), values.html);
      if (verb === "run" && kind === "runtime") return await runRuntime(values, rest, signal);
      if (verb === "run" && kind === "emulator" && rest.length === 0) return await runEmulator(values, signal);
    } catch (error) {
      if (error instanceof SubjectError) throw new UsageError(error.message);
      if (!(error instanceof HarnessError)) throw error;
      console.error(`bootlace: ${error.message}.`);
      return exitCodes.internal;
    }
    throw new UsageError(
      'Say "run runtime", "run emulator", "list" or "matrix": "bootlace conformance --help" shows how',
    );
  },
};

function parse(args: readonly string[]) {
  return parseCommand("conformance", args, options);
}

function list(values: Values): number {
  const cases = selected([...runtimeCases, ...emulatorCases], values);
  return listCases(cases, values.json ? "json" : values.md ? "md" : "lines");
}

async function runRuntime(values: Values, words: readonly string[], signal: AbortSignal): Promise<number> {
  if (values.url !== undefined) throw new UsageError('Option "--url" is for emulators');
  const subject = {
    command: absoluteCommand(words, process.env.PATH ?? ""),
    fixture: readFixture(values.task ?? javascriptFixture, values.handler),
    folders: values.mounts ? "mounts" : "paths",
  } as const;
  const run = new Run(values, "runtime", words.join(" "), runtimeCases);
  const cases = selected(runtimeCases, values);
  const options = { declared: declaredIn(values), timeScale: timeScaleIn(values), ...run.options };
  return run.finish(signal, conformRuntime({ subject, cases, signal, ...options }));
}

async function runEmulator(values: Values, signal: AbortSignal): Promise<number> {
  if (values.declare !== undefined) throw new UsageError('Option "--declare" is for runtimes');
  const run = new Run(values, "emulator", values.url ?? "our emulator", emulatorCases);
  const cases = selected(emulatorCases, values);
  const subject = emulatorSubject(values);
  return run.finish(signal, conformEmulator({ subject, cases, signal, ...run.options }));
}

function emulatorSubject(values: Values): EmulatorSubject {
  const { url, "function-dir": functionDirectory, "function-name": functionName } = values;
  if (url === undefined && functionDirectory === undefined) {
    return { type: "command", command: [process.execPath, process.argv[1] ?? "", "dev"] };
  }
  if (url === undefined || functionDirectory === undefined)
    throw new UsageError('Options "--url" and "--function-dir" belong together');
  if (!URL.canParse(url) || new URL(url).protocol !== "http:")
    throw new UsageError(`Option "--url" takes an address such as http://127.0.0.1:9000, not "${url}"`);
  return { type: "url", url, functionDirectory, functionName };
}

function selected<Case extends CaseFacts>(cases: readonly Case[], { only, level }: Values): readonly Case[] {
  const levels: readonly Level[] = ["must", "should", "may"];
  const known = levels.find((candidate) => candidate === level);
  if (known === undefined) throw new UsageError(`Option "--level" takes must, should or may, not "${level}"`);
  const found = selectCases(cases, { level: known, ...(only === undefined ? {} : { only }) });
  if (found.length === 0) throw new UsageError(`No case matches "${only ?? "*"}" at level "${level}"`);
  return found;
}

function declaredIn({ declare = "" }: Values): readonly Capability[] {
  return declare.split(",").flatMap((word) => {
    const known = capabilities.find((capability) => capability === word.trim());
    if (known !== undefined) return [known];
    if (word.trim() === "") return [];
    throw new UsageError(`Option "--declare" takes ${capabilities.join(", ")}, not "${word.trim()}"`);
  });
}

function timeScaleIn({ "time-scale": text }: Values): number {
  const scale = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (scale >= 1) return scale;
  throw new UsageError(`Option "--time-scale" takes a number from 1 on, such as 2.5, not "${text}"`);
}

interface ReportFile {
  readonly format: ReportFormat;
  readonly file: string;
}

/** What becomes of the results of one run: lines as they come, documents at the end, and the exit code. */
class Run {
  readonly #json: boolean;
  readonly #jobs: number;
  readonly #kind: SubjectKind;
  readonly #subject: string;
  readonly #name: string | undefined;
  readonly #known: readonly KnownFailure[];
  readonly #files: readonly ReportFile[];
  readonly #results: CaseResult[] = [];

  constructor(values: Values, kind: SubjectKind, subject: string, cases: readonly CaseFacts[]) {
    this.#json = values.json;
    this.#jobs = wholeNumber("jobs", values.jobs);
    this.#kind = kind;
    this.#subject = subject;
    this.#name = values.name;
    this.#files = values.report.map(reportFile);
    const list = values["known-failing"];
    this.#known = list === undefined ? [] : readKnownFailing(list, cases);
  }

  get options() {
    return { jobs: this.#jobs, heard: (result: CaseResult) => this.#hear(markKnown(result, this.#known)) };
  }

  /** Waits for the run. The documents are written also when somebody ends it, with what there is by then. */
  async finish(signal: AbortSignal, run: Promise<unknown>): Promise<number> {
    try {
      await run;
    } finally {
      if (this.#results.length > 0 || !signal.aborted) this.#write(signal.aborted);
    }
    const tally = tallyOf(this.#results);
    console.log(this.#json ? this.#render("json", false).trimEnd() : tallyLine(tally));
    if (!this.#json) for (const step of nextSteps(this.#results)) console.log(`  ${step}`);
    return tally.failed + tally.unexpected > 0 ? exitCodes.function : exitCodes.success;
  }

  #hear(result: CaseResult): void {
    this.#results.push(result);
    if (!this.#json) console.log(linesOfResult(result).join("\n"));
  }

  #write(interrupted: boolean): void {
    for (const { format, file } of this.#files) writeDocument(file, this.#render(format, interrupted));
  }

  #render(format: ReportFormat, interrupted: boolean): string {
    const subject = { name: this.#name ?? this.#subject, command: this.#subject };
    const facts = { kind: this.#kind, subject, version, date: new Date().toISOString(), interrupted };
    return renderReport(format, reportOf(facts, this.#results));
  }
}

function reportFile(text: string): ReportFile {
  const [word = "", ...rest] = text.split("=");
  const format = reportFormats.find((known) => known === word);
  const file = rest.join("=");
  if (format !== undefined && file !== "") return { format, file };
  throw new UsageError(`Option "--report" takes ${reportFormats.join(", ")} with a file, such as json=result.json`);
}
