/** The options by which commands name a function: its folder, its layers, its configuration. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { FunctionOptions, LambdaFunction } from "../emulator/lambda-function.ts";
import { type LocalLayer, openLocalLayer } from "../layer/local-layer.ts";
import { withArchive } from "../platform/archive-read.ts";
import { limits } from "../protocol/limits.ts";
import { wholeNumber } from "./command.ts";
import { UsageError } from "./failure.ts";
import { readInput } from "./input-file.ts";

/** Not `--env-file`: Node takes that one for itself, wherever on the command line it stands. */
export const functionOptions = {
  handler: { type: "string" },
  layer: { type: "string", multiple: true },
  name: { type: "string" },
  memory: { type: "string" },
  timeout: { type: "string" },
  env: { type: "string", multiple: true },
  "env-from": { type: "string" },
} as const;

export const functionOptionsHelp = `  --handler NAME        file and export of the handler          [index.handler]
  --layer DIR|ZIP       a layer, may be given up to five times
  --name NAME           the function's name                     [function]
  --memory MB           128 to 10240                            [128]
  --timeout SECONDS     1 to 900                                [3]
  --env NAME=VALUE      a variable of the function, repeatable
  --env-from FILE       variables as NAME=VALUE lines`;

interface Values {
  readonly handler?: string | undefined;
  readonly layer?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly memory?: string | undefined;
  readonly timeout?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly "env-from"?: string | undefined;
}

/** A function to run and what was made for it; `remove` when it is closed. */
export interface NamedFunction {
  readonly options: FunctionOptions;
  remove(): void;
}

/** A function without a bootstrap of its own, in its folder or a layer, runs on ours. */
export async function functionOf(directory: string | undefined, values: Values): Promise<NamedFunction> {
  if (directory === undefined) throw new UsageError("Name the function's folder or zip, such as examples/hello");
  if (!existsSync(directory)) throw new UsageError(`The function "${directory}" does not exist`);
  const layers = values.layer ?? [];
  for (const layer of layers) if (!existsSync(layer)) throw new UsageError(`The layer "${layer}" does not exist`);
  const brings = await Promise.all([directory, ...layers].map(bringsBootstrap));
  const ours = brings.includes(true) ? undefined : await openLocalLayer();
  return { options: optionsOf(directory, values, ours), remove: () => ours?.remove() };
}

/** A bootstrap or an extension that cannot run would fail every invocation in the same way: whoever packed it is told now. */
export function checkPrograms({ problem }: LambdaFunction): void {
  if (problem !== undefined) throw new UsageError(`The function cannot start: ${problem}`);
}

const memoryRange = { min: limits.memoryMbMin, max: limits.memoryMbMax };
const secondsRange = { min: limits.timeoutMsMin / 1000, max: limits.timeoutMsMax / 1000 };

function optionsOf(task: string, values: Values, ours: LocalLayer | undefined): FunctionOptions {
  const { handler, name, memory, timeout } = values;
  return {
    task,
    layers: [...(ours === undefined ? [] : [ours.folder]), ...(values.layer ?? [])],
    environment: variablesOf(values),
    ...(handler === undefined ? {} : { handler }),
    ...(name === undefined ? {} : { functionName: name }),
    ...(memory === undefined ? {} : { memoryMb: wholeNumber("memory", memory, memoryRange) }),
    ...(timeout === undefined ? {} : { timeoutMs: wholeNumber("timeout", timeout, secondsRange) * 1000 }),
  };
}

async function bringsBootstrap(source: string): Promise<boolean> {
  if (statSync(source).isDirectory()) return existsSync(join(source, "bootstrap"));
  const limit = { unzippedBytesMax: limits.packageUnzippedBytesMax };
  return withArchive(source, limit, async ({ entries }) => entries.some(({ path }) => path === "bootstrap"));
}

export function variablesOf(values: Values): Readonly<Record<string, string>> {
  const file = values["env-from"];
  const fromFile = file === undefined ? {} : parseEnv(readInput(file, "variables file").toString());
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(fromFile)) if (value !== undefined) variables[name] = value;
  for (const pair of values.env ?? []) {
    const at = pair.indexOf("=");
    if (at <= 0) throw new UsageError(`Option "--env" takes NAME=VALUE, not "${pair}"`);
    variables[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return variables;
}
