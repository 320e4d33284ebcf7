/**
 * What `bootstrap` runs. Without arguments it is the runtime; `--extension NAME MODULE` makes it an external
 * extension; any other arguments are Node's flags and a file that a handler forks.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { registerForSignal, runExtensionModule } from "../extension/run-extension.ts";
import { forgetEngineFlags } from "../platform/engine-flags.ts";
import { Module } from "../platform/node-module.ts";
import { writeAll } from "../platform/write-all.ts";
import { becomeWrapper } from "./exec-wrapper.ts";
import { nodeFlags } from "./node-flags.ts";
import { runForkedChild } from "./run-forked-child.ts";
import { runRuntime } from "./run-runtime.ts";

// The same place in a script and in a single executable, which repeats its own path as the second argument.
const words = process.argv.slice(2);

if (words[0] === "--extension") void runExtensionModule(process.env, words.slice(1));
// Flags alone come from an exec wrapper, which may put some between the command and its arguments.
else if (nodeFlags(words).end >= words.length) void startRuntime();
else void runForkedChild();

async function startRuntime(): Promise<void> {
  try {
    // It gives the wrapper all flags of the engine.
    becomeWrapper(process.env);
    forgetEngineFlags();
    const custom = customRuntime();
    if (existsSync(custom)) Module.createRequire(custom)(custom);
    else await runRuntime(process.env, { askForSignal: registerForSignal });
  } catch (error) {
    writeAll(2, `Cannot start: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

/** Where a layer of somebody's runtime puts its program; `bootlace build runtime --on-layer` makes one. */
function customRuntime(): string {
  const here = dirname(process.argv[1] ?? "");
  return join(basename(here) === "bootlace" ? here : join(here, "bootlace"), "runtime.cjs");
}
