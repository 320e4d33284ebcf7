import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { emulatorCases, extensionCases, runtimeCases } from "../../conformance/cases/catalogue.ts";
import { absoluteCommand, optExtension, visibleWithMounts } from "../../conformance/command-line.ts";
import { extensionCapabilities } from "../../conformance/extension-case.ts";
import { javascriptFixture, readFixture } from "../../conformance/fixture.ts";
import { fixtureSteps } from "../../conformance/fixture-steps.ts";
import type { ExtensionSubject } from "../../conformance/harness-extension.ts";
import { puppetProgram } from "../../conformance/puppet-program.ts";
import { conformEmulator } from "../../conformance/run-emulator.ts";
import { conformExtension } from "../../conformance/run-extension.ts";
import { conformRuntime } from "../../conformance/run-runtime.ts";
import { capabilities } from "../../conformance/runtime-case.ts";
import { HarnessError, SubjectError } from "../../conformance/verdict.ts";
import { FunctionFolders } from "../../emulator/folders.ts";
import { openLocalLayer } from "../../layer/local-layer.ts";
import { type Command, parseCommand } from "../command.ts";
import { didYouMean } from "../did-you-mean.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { listCases, writeMatrix } from "./conformance-documents.ts";
import { emulatorSubject } from "./conformance-emulator.ts";
import { declaredIn, selectedCases, timeScaleIn, variablesIn } from "./conformance-options.ts";
import { ConformanceRun } from "./conformance-run.ts";

const help = `bootlace conformance run runtime [options] [-- COMMAND [ARG ...]]
bootlace conformance run extension [options] [-- COMMAND [ARG ...]]
bootlace conformance run emulator [options] [-- COMMAND [ARG ...]]
bootlace conformance list [--json | --md]
bootlace conformance matrix RESULT.json ... [--html FILE]

Judges a runtime by what it sends when our emulator runs it, an extension by what it sends to a
service that is scripted, or an emulator by what callers, runtimes and extensions get from it: one
that COMMAND starts, one that runs already (--url), or else ours. Each case says what must hold and
why it matters.
"matrix" sets reports that "--report json=FILE" wrote side by side, as Markdown or as a page.

  --task DIR            runtime: the fixture's folder, with a fixture.json   [JavaScript]
  --handler NAME        runtime: the handler that serves the fixture's operations
  --mounts              use /var/task, /opt and /tmp, where this machine can
  --file-name NAME      extension: its file's name in /opt/extensions        [the program's]
  --env NAME=VALUE      extension: a variable of its function; may be repeated
  --layer DIR|ZIP       runtime, extension: a layer with it, behind our runtime layer; may be
                        repeated
  --opt DIR             extension: what becomes /opt, with extensions/NAME to run
  --url URL             emulator: one that runs already, and takes one invocation at a time
  --function-dir DIR    emulator: where the function at --url has its code; ours is put there
  --opt-dir DIR         emulator: what is /opt at --url; extensions are put there
  --function-url URL    emulator: the URL of the function at --url
  --lacks A,B           emulator: options that COMMAND does not take: layer, function-url,
                        managed-instances, snap-start
  --puppet FILE|node    emulator: what plays the function: an executable that needs nothing in its
                        image, or a script for Node.js           [the package's executable]
  --function-name NAME  emulator: the function's name at --url               [function]
  --only GLOB           cases whose id matches, such as "RT-ERR-*"
  --level LEVEL         must, should (with must) or may (all)                [should]
  --declare A,B         what it says that it can: of a runtime json-logs, multi, node-family,
                        shutdown-hook, snapstart, streaming, text-logs; of an extension
                        account-id, failures, internal, multi, tcp, telemetry
  --known-failing FILE  cases that may fail: an id and a reason for each
  --time-scale X        the subject may take so many times as long           [1]
  --jobs N              cases at once; an extension with telemetry has one   [2]
  --seed N              run the cases in another order, the same for the same N
  --keep DIR            per case: the wire, stdout, stderr and a journal
  --name NAME           what to call the subject in reports
  --report FORMAT=FILE  also write json, junit, tap, html, md, badge or annotations;
                        may be repeated
  --html FILE           matrix: one page with the evidence behind each cell
  --json                one JSON document in place of the lines
  --md                  list: as a page

Exit code: 0 nothing failed that was not known, 1 something did (or a known failure passes), 2 your
command line, 70 the suite itself failed.

  bootlace conformance run runtime -- ./bootstrap
  bootlace conformance run runtime --layer dist/my-runtime.zip --task my-fixture
  bootlace conformance run extension -- ./my-extension
  bootlace conformance run extension --layer dist/my-extension.zip
  bootlace conformance run emulator --only "SRV-FE-*"`;

const options = {
  task: { type: "string" },
  handler: { type: "string" },
  mounts: { type: "boolean", default: false },
  url: { type: "string" },
  "function-dir": { type: "string" },
  "opt-dir": { type: "string" },
  "function-url": { type: "string" },
  lacks: { type: "string" },
  puppet: { type: "string" },
  "function-name": { type: "string", default: "function" },
  "file-name": { type: "string" },
  env: { type: "string", multiple: true, default: [] as string[] },
  opt: { type: "string" },
  layer: { type: "string", multiple: true },
  only: { type: "string" },
  level: { type: "string", default: "should" },
  declare: { type: "string" },
  "known-failing": { type: "string" },
  "time-scale": { type: "string", default: "1" },
  name: { type: "string" },
  seed: { type: "string" },
  keep: { type: "string" },
  report: { type: "string", multiple: true, default: [] as string[] },
  jobs: { type: "string" },
  html: { type: "string" },
  json: { type: "boolean", default: false },
  md: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

export const command: Command = {
  name: "conformance",
  summary: "judge a runtime, an extension or an emulator against Lambda's contract",
  help,
  async run(args, signal) {
    const { values, positionals } = parse(args);
    const [verb, kind, ...rest] = positionals;
    try {
      if (verb === "list" && kind === undefined) return list(values);
      if (verb === "matrix") return writeMatrix(positionals.slice(1), values.html);
      if (verb === "run" && kind === "runtime") return await runRuntime(values, rest, signal);
      if (verb === "run" && kind === "extension") return await runExtension(values, rest, signal);
      if (verb === "run" && kind === "emulator") return await runEmulator(values, rest, signal);
    } catch (error) {
      if (error instanceof SubjectError) throw new UsageError(error.message);
      if (!(error instanceof HarnessError)) throw error;
      console.error(`bootlace: ${error.message}.`);
      return exitCodes.internal;
    }
    throw new UsageError(unknownVerb(positionals));
  },
};

function unknownVerb([verb = "", kind = ""]: readonly string[]): string {
  const meant =
    verb === "run"
      ? didYouMean(kind, ["runtime", "extension", "emulator"])
      : didYouMean(verb, ["run", "list", "matrix"]);
  const hint =
    meant === undefined
      ? ': "bootlace conformance --help" shows how'
      : `, did you mean "${verb === "run" ? `run ${meant}` : meant}"?`;
  return `Say "run runtime", "run extension", "run emulator", "list" or "matrix"${hint}`;
}

function parse(args: readonly string[]) {
  return parseCommand("conformance", args, options);
}

/** What a runtime is called that came as layers. */
function layerNames({ layer = [] }: Values): string {
  return layer.map((path) => basename(path)).join(" ");
}

function list(values: Values): number {
  const cases = selectedCases([...runtimeCases, ...extensionCases, ...emulatorCases], values);
  return listCases(cases, values.json ? "json" : values.md ? "md" : "lines");
}

async function runRuntime(values: Values, words: readonly string[], signal: AbortSignal): Promise<number> {
  if (values.url !== undefined) throw new UsageError('Option "--url" is for emulators');
  if (values.layer !== undefined && words.length > 0)
    throw new UsageError('Option "--layer" says what is run: leave out the command');
  await using layers = await mergedLayers(values.layer ?? []);
  const subject = {
    command: layers === undefined ? commandOf(values, words) : [join(layers.opt, "bootstrap")],
    fixture: readFixture(values.task ?? javascriptFixture(), values.handler),
    folders: values.mounts ? "mounts" : "paths",
  } as const;
  const run = new ConformanceRun(values, "runtime", words.join(" ") || layerNames(values), runtimeCases);
  const cases = selectedCases(runtimeCases, values);
  const [declared, timeScale] = [declaredIn(values.declare, capabilities), timeScaleIn(values["time-scale"])];
  const judging = conformRuntime({ subject, cases, signal, declared, timeScale, ...run.settings(cases.length) });
  return await run.finish(signal, judging, (results) => fixtureSteps(subject.fixture, cases, results));
}

async function runExtension(values: Values, words: readonly string[], signal: AbortSignal): Promise<number> {
  const declared = declaredIn(values.declare, extensionCapabilities);
  await using layers = await mergedLayers(values.layer ?? []);
  const asked = layers === undefined ? values : { ...values, opt: layers.opt };
  const subject = extensionSubject(asked, words, declared.includes("internal"));
  // A listener's port is often a number in its code, and there is room for one.
  const jobs = values.jobs ?? (declared.some((word) => word === "telemetry" || word === "tcp") ? "1" : "2");
  const run = new ConformanceRun({ ...values, jobs }, "extension", words.join(" ") || subject.name, extensionCases);
  const cases = selectedCases(extensionCases, values);
  const timeScale = timeScaleIn(values["time-scale"]);
  return await run.finish(
    signal,
    conformExtension({ subject, cases, signal, declared, timeScale, ...run.settings(cases.length) }),
  );
}

/** What `/opt` is when these layers lie behind our runtime layer, on whose engine an extension may run. */
async function mergedLayers(layers: readonly string[]) {
  if (layers.length === 0) return undefined;
  const missing = layers.find((layer) => !existsSync(layer));
  if (missing !== undefined) throw new UsageError(`The layer "${missing}" does not exist`);
  const runtime = await openLocalLayer();
  try {
    const folders = await FunctionFolders.prepare({ task: runtime.folder, layers: [runtime.folder, ...layers] });
    return {
      opt: folders.opt,
      [Symbol.asyncDispose]: async () => {
        folders.remove();
        runtime.remove();
      },
    };
  } catch (error) {
    runtime.remove();
    throw error;
  }
}

function commandOf({ mounts }: Values, words: readonly string[]): readonly string[] {
  const command = absoluteCommand(words, process.env.PATH ?? "");
  return mounts ? visibleWithMounts(command) : command;
}

/** Lambda knows an extension by its file's name, which a command of several words does not tell. */
function extensionSubject(values: Values, words: readonly string[], internal: boolean): ExtensionSubject {
  const { opt, mounts } = values;
  const folders = mounts ? "mounts" : "paths";
  const variables = variablesIn(values.env);
  if (opt !== undefined) {
    if (words.length > 0) throw new UsageError('Options "--layer" and "--opt" say what is run: leave out the command');
    return { command: [], name: optExtension(opt, values["file-name"]), opt, variables, folders };
  }
  const command = commandOf(values, words);
  // One inside the runtime has no file, and so any name but that of one.
  const name = internal ? "" : (values["file-name"] ?? (words.length === 1 ? basename(command[0] ?? "") : undefined));
  if (name === undefined)
    throw new UsageError(
      'Say by which name the extension registers: "--file-name NAME", as it will be in /opt/extensions',
    );
  return { command, name, variables, folders };
}

async function runEmulator(values: Values, words: readonly string[], signal: AbortSignal): Promise<number> {
  if (values.declare !== undefined) throw new UsageError('Option "--declare" is for runtimes and extensions');
  const subject = emulatorSubject(values, words);
  const name = values.url ?? (words.length === 0 ? "our emulator" : words.join(" "));
  const { type: puppet } = puppetProgram(values.puppet);
  const run = new ConformanceRun(values, "emulator", name, emulatorCases, puppet);
  const cases = selectedCases(emulatorCases, values);
  const timeScale = timeScaleIn(values["time-scale"]);
  return run.finish(signal, conformEmulator({ subject, cases, signal, timeScale, ...run.settings(cases.length) }));
}
