import type { CaseFacts, Level } from "../../conformance/case.ts";
import { emulatorCases, runtimeCases } from "../../conformance/cases/catalogue.ts";
import { absoluteCommand } from "../../conformance/command-line.ts";
import type { EmulatorSubject } from "../../conformance/emulator-subject.ts";
import { javascriptFixture, readFixture } from "../../conformance/fixture.ts";
import { linesOfResult, tallyLine, tallyOf } from "../../conformance/report.ts";
import { selectCases } from "../../conformance/run-cases.ts";
import { conformEmulator } from "../../conformance/run-emulator.ts";
import { conformRuntime } from "../../conformance/run-runtime.ts";
import { type CaseResult, HarnessError, SubjectError } from "../../conformance/verdict.ts";
import { type Command, parseCommand, wholeNumber } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";

const help = `bootlace conformance run runtime [options] -- COMMAND [ARG ...]
bootlace conformance run emulator [options]
bootlace conformance list [--json]

Judges a runtime by what it sends when our emulator runs it, or an emulator by what callers and
runtimes get from it; without --url it is ours. Each case says what must hold and why it matters.

  --task DIR            runtime: the fixture's folder, with a fixture.json   [JavaScript]
  --handler NAME        runtime: the handler that serves the fixture's operations
  --mounts              runtime: use /var/task, /opt and /tmp, where this machine can
  --url URL             emulator: one that runs already, and takes one invocation at a time
  --function-dir DIR    emulator: where the function at --url has its code; ours is put there
  --function-name NAME  emulator: the function's name at --url               [function]
  --only GLOB           cases whose id matches, such as "RT-ERR-*"
  --level LEVEL         must, should (with must) or may (all)                [should]
  --jobs N              cases at once                                        [2]
  --json                one JSON document

Exit code: 0 nothing failed, 1 something failed, 2 your command line, 70 the suite itself failed.

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
  jobs: { type: "string", default: "2" },
  json: { type: "boolean", default: false },
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
      if (verb === "run" && kind === "runtime") return await runRuntime(values, rest, signal);
      if (verb === "run" && kind === "emulator" && rest.length === 0) return await runEmulator(values, signal);
    } catch (error) {
      if (error instanceof SubjectError) throw new UsageError(error.message);
      if (!(error instanceof HarnessError)) throw error;
      console.error(`bootlace: ${error.message}.`);
      return exitCodes.internal;
    }
    throw new UsageError('Say "run runtime", "run emulator" or "list": "bootlace conformance --help" shows how');
  },
};

function parse(args: readonly string[]) {
  return parseCommand("conformance", args, options);
}

function list(values: Values): number {
  const cases = selected([...runtimeCases, ...emulatorCases], values);
  const lines = cases.map(({ id, level, sentence }) => `${id.padEnd(11)}  ${level.padEnd(6)}  ${sentence}`);
  console.log(values.json ? JSON.stringify(cases, undefined, 2) : lines.join("\n"));
  return exitCodes.success;
}

async function runRuntime(values: Values, words: readonly string[], signal: AbortSignal): Promise<number> {
  if (values.url !== undefined) throw new UsageError('Option "--url" is for emulators');
  const subject = {
    command: absoluteCommand(words, process.env.PATH ?? ""),
    fixture: readFixture(values.task ?? javascriptFixture, values.handler),
    folders: values.mounts ? "mounts" : "paths",
  } as const;
  const cases = selected(runtimeCases, values);
  const results = await conformRuntime({ subject, cases, signal, ...reporting(values) });
  return report(results, values);
}

async function runEmulator(values: Values, signal: AbortSignal): Promise<number> {
  const cases = selected(emulatorCases, values);
  const subject = emulatorSubject(values);
  return report(await conformEmulator({ subject, cases, signal, ...reporting(values) }), values);
}

function emulatorSubject(values: Values): EmulatorSubject {
  const { url, "function-dir": functionDirectory, "function-name": functionName } = values;
  if (url === undefined && functionDirectory === undefined) {
    return { type: "command", command: [process.execPath, process.argv[1] ?? "", "dev"] };
  }
  if (url === undefined || functionDirectory === undefined)
    throw new UsageError('Options "--url" and "--function-dir" belong together');
  if (!URL.canParse(url) || new URL(url).protocol !== "http:")
    throw new UsageError(`Option "--url" takes an address such as http://127.0.0.1:9001, not "${url}"`);
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

function reporting({ jobs, json }: Values) {
  const heard = (result: CaseResult) => console.log(linesOfResult(result).join("\n"));
  return { jobs: wholeNumber("jobs", jobs), ...(json ? {} : { heard }) };
}

function report(results: readonly CaseResult[], { json }: Values): number {
  const tally = tallyOf(results);
  const document = () => ({ ...tally, results: results.map(({ facts, ...rest }) => ({ ...factsOf(facts), ...rest })) });
  console.log(json ? JSON.stringify(document(), undefined, 2) : tallyLine(tally));
  return tally.failed > 0 ? exitCodes.function : exitCodes.success;
}

function factsOf({ id, level, sentence, why, source }: CaseFacts) {
  return { id, level, sentence, why, source };
}
