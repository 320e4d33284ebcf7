/** The composition root of the `bootlace` command. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { ownEngine } from "../layer/engine.ts";
import { isBrought, packageRoot } from "../platform/package-root.ts";
import { version } from "../platform/version.ts";
import type { Command } from "./command.ts";
import { command as build } from "./commands/build.ts";
import { command as conformance } from "./commands/conformance.ts";
import { command as demo } from "./commands/demo.ts";
import { command as dev } from "./commands/dev.ts";
import { command as doctor } from "./commands/doctor.ts";
import { command as faults } from "./commands/faults.ts";
import { command as invoke } from "./commands/invoke.ts";
import { command as newProject } from "./commands/new.ts";
import { command as replay } from "./commands/replay.ts";
import { command as rie } from "./commands/rie.ts";
import { didYouMean } from "./did-you-mean.ts";
import { exitCodes, failureOf, UsageError } from "./failure.ts";
import { fitted } from "./help-page.ts";
import { Interruption } from "./interruption.ts";

const commands: readonly Command[] = [demo, newProject, invoke, dev, build, doctor, replay, faults, rie, conformance];

const interruption = new Interruption();
process.on("uncaughtException", async (error) => process.exit(await failed(error)));
const exitCode = await main(process.argv.slice(2));
process.exitCode ??= exitCode;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    const said = aboutItself(name, rest);
    if (said !== undefined) return print(said, exitCodes.success);
    const command = commandNamed(name ?? "");
    if (asksForHelp(command, rest)) return print(helpFor(command, rest), exitCodes.success);
    const exitCode = await command.run(rest, interruption.signal);
    return interruption.signal.aborted ? interruption.exitCode : exitCode;
  } catch (error) {
    return await failed(error);
  } finally {
    interruption[Symbol.dispose]();
  }
}

/** What to print where no command is to run. */
function aboutItself(name: string | undefined, rest: readonly string[]): string | undefined {
  switch (name) {
    case "--version":
      return version;
    case "--licenses":
      return licences();
    case undefined:
    case "--help":
    case "-h":
      return overview();
    case "help":
      return rest[0] === undefined ? overview() : helpFor(commandNamed(rest[0]), rest.slice(1));
    default:
      return undefined;
  }
}

function commandNamed(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(unknownCommand(name));
  return command;
}

/** A program that a command starts may have a "--help" of its own. */
function asksForHelp({ ownWords }: Command, args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const own = ownWords === undefined ? args.slice(0, end < 0 ? undefined : end) : ownWords(args);
  return own.some((word) => word === "--help" || word === "-h");
}

function helpFor({ help, helpOf }: Command, args: readonly string[]): string {
  return fitted(helpOf?.(args) ?? help, columns());
}

/** As wide as the terminal, while lines can still be read. */
function columns(): number {
  return Math.min(Math.max(process.stdout.columns ?? 80, 50), 100);
}

/** Says what went wrong, unless it is that we were asked to stop. */
async function failed(error: unknown): Promise<number> {
  // Ctrl-C reaches our helpers as well, and the end of one may be heard before the signal itself.
  for (let turns = 0; turns < 3; turns += 1) await turn();
  if (interruption.signal.aborted) return interruption.exitCode;
  const { exitCode, message } = failureOf(error);
  console.error(`bootlace: ${message}`);
  return exitCode;
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = [
    "bootlace: AWS Lambda runtimes, built, run and judged on this machine",
    "",
    ...commands.map(({ name, summary }) => `  bootlace ${name.padEnd(width)}  ${summary}`),
    "",
    '"bootlace COMMAND --help" says more; "bootlace --version" prints the version, "bootlace --licenses" the licences.',
  ];
  return fitted(lines.join("\n"), columns());
}

/** One file and one executable bring those of all that is inside; elsewhere each package has its own. */
function licences(): string {
  const engine = isBrought() ? ownEngine() : undefined;
  const files = [
    join(packageRoot(), isBrought() ? "third-party.txt" : "LICENSE"),
    ...(engine === undefined ? [] : [join(engine, "LICENSE")]),
  ];
  return files.map((file) => readFileSync(file, "utf8").trimEnd()).join("\n\n");
}

function unknownCommand(name: string): string {
  const known = commands.map((command) => command.name);
  if (name.startsWith("-")) {
    const meant = didYouMean(name, ["--help", "--version", "--licenses"]);
    const hint = meant === undefined ? " before a command:" : `, did you mean "${meant}"?`;
    return `There is no option "${name}"${hint} "bootlace --help" lists what there is`;
  }
  const meant = didYouMean(name, known);
  const hint = meant === undefined ? "." : `, did you mean "${meant}"?`;
  return `There is no command "${name}"${hint} The commands are ${known.join(", ")}`;
}

function print(text: string, exitCode: number): number {
  console.log(text);
  return exitCode;
}
