import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { firstRun } from "../first-run.ts";
import { firstRunPage } from "../first-run-page.ts";

const help = `bootlace demo [--json]

Compiles bootstrap, packs the layer, bundles the example function, starts an execution
environment with one extension, invokes the function once, and shows what happened.

  --json   one JSON document instead of the page

  bootlace demo
  bootlace demo --json`;

export const command: Command = {
  name: "demo",
  summary: "one invocation from source to shutdown, shown step by step (npm start)",
  help,
  async run(args, signal) {
    const { values, positionals } = parseCommand("demo", args, { json: { type: "boolean", default: false } });
    if (positionals.length > 0)
      throw new UsageError(`"demo" shows its own example: run yours with "bootlace invoke ${positionals[0]}"`);
    const run = await firstRun(signal);
    console.log(values.json ? JSON.stringify(run, undefined, 2) : firstRunPage(run));
    return run.functionError ? exitCodes.function : exitCodes.success;
  },
};
