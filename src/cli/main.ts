/** The composition root of the `bootlace` command. */

import { version } from "../platform/version.ts";
import type { Command } from "./command.ts";
import { command as conformance } from "./commands/conformance.ts";
import { command as demo } from "./commands/demo.ts";
import { command as dev } from "./commands/dev.ts";
import { command as invoke } from "./commands/invoke.ts";
import { exitCodes, failureOf, UsageError } from "./failure.ts";

const commands: readonly Command[] = [demo, invoke, dev, conformance];

process.on("uncaughtException", (error) => {
  console.error(`bootlace: ${failureOf(error).message}`);
  process.exit(exitCodes.internal);
});
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version") return print(version, exitCodes.success);
  if (name === undefined || name === "--help" || name === "help") return print(overview(), exitCodes.success);
  const interruption = interruptible();
  try {
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined) throw new UsageError(unknownCommand(name));
    if (rest.includes("--help")) return print(command.help, exitCodes.success);
    const exitCode = await command.run(rest, interruption.signal);
    return interruption.signal.aborted ? exitCodes.interrupted : exitCode;
  } catch (error) {
    if (interruption.signal.aborted) return exitCodes.interrupted;
    const failure = failureOf(error);
    console.error(`bootlace: ${failure.message}`);
    return failure.exitCode;
  } finally {
    interruption[Symbol.dispose]();
  }
}

/** The first Ctrl-C lets the command clean up after itself; a second one does not wait for that. */
function interruptible(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "bootlace: AWS Lambda runtimes, built, run and judged on this machine",
    "",
    ...commands.map(({ name, summary }) => `  bootlace ${name.padEnd(width)}  ${summary}`),
    "",
    '"bootlace COMMAND --help" says more; "bootlace --version" prints the version.',
  ].join("\n");
}

function unknownCommand(name: string): string {
  const known = commands.map((command) => command.name).join(", ");
  return `There is no command "${name}": the commands are ${known}`;
}

function print(text: string, exitCode: number): number {
  console.log(text);
  return exitCode;
}
