/** The options by which commands name a function: its folder, its layers, its configuration. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { FunctionOptions } from "../emulator/function-options.ts";
import type { LambdaFunction } from "../emulator/lambda-function.ts";
import { type LocalLayer, openLocalLayer } from "../layer/local-layer.ts";
import { withArchive } from "../platform/archive-read.ts";
import { limits } from "../protocol/limits.ts";
import { oneOf, wholeNumber } from "./command.ts";
import { UsageError } from "./failure.ts";
import { faultPlanOf } from "./fault-plan-file.ts";
import { readInput } from "./input-file.ts";
import { type LoggingValues, loggingOf, loggingOptions } from "./logging-options.ts";
import { type ModeValues, modeOf, modeOptions } from "./mode-options.ts";
import type { DescribedOptions } from "./options-help.ts";

/** How a function is named and set up, the same for every command that runs one. */
export const functionOptions = {
  handler: { type: "string", takes: "NAME", says: "file and export of the handler", normally: "index.handler" },
  layer: {
    type: "string",
    multiple: true,
    takes: "DIR|ZIP",
    says: "a layer, up to five with ours; later ones cover earlier ones",
  },
  name: { type: "string", takes: "NAME", says: "the function's name", normally: "function" },
  memory: { type: "string", takes: "MB", says: "128 to 10240", normally: "128" },
  timeout: { type: "string", takes: "SECONDS", says: "1 to 900", normally: "3" },
  env: { type: "string", multiple: true, takes: "NAME=VALUE", says: "a variable of the function, repeatable" },
  variables: { type: "string", takes: "FILE", says: "variables of the function, as NAME=VALUE lines" },
  tmp: { type: "string", takes: "MB", says: "size of /tmp, 512 to 10240", normally: "512" },
  cpu: {
    type: "string",
    takes: "share|all",
    says: "what the memory buys, or everything",
    normally: "share with --memory",
  },
  network: {
    type: "string",
    takes: "MODE",
    says: "host; none, for the API alone; nat, for that and a way out",
    normally: "host",
  },
  root: { type: "string", takes: "DIR", says: "an unpacked container image, as the root" },
  isolation: {
    type: "string",
    takes: "full|off",
    says: "as much as this machine allows, or nothing",
    normally: "full",
  },
  faults: { type: "string", takes: "FILE|hostile", says: 'a fault plan: see "bootlace faults --help"' },
  seed: { type: "string", takes: "NUMBER", says: "in place of the plan's own seed" },
  ...loggingOptions,
  ...modeOptions,
} as const satisfies DescribedOptions;

interface Values extends ModeValues, LoggingValues {
  readonly handler?: string | undefined;
  readonly layer?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly memory?: string | undefined;
  readonly timeout?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly variables?: string | undefined;
  readonly tmp?: string | undefined;
  readonly cpu?: string | undefined;
  readonly network?: string | undefined;
  readonly root?: string | undefined;
  readonly isolation?: string | undefined;
  readonly faults?: string | undefined;
  readonly seed?: string | undefined;
}

/** A function to run and what was made for it; `remove` when it is closed. */
export interface NamedFunction {
  readonly options: FunctionOptions;
  remove(): void;
}

/** A function without a bootstrap of its own, in its folder or a layer, runs on ours. */
export async function functionOf(directory: string | undefined, values: Values): Promise<NamedFunction> {
  if (directory === undefined && values.root === undefined)
    throw new UsageError("Name the function's folder or zip, such as examples/hello");
  if (directory !== undefined && !existsSync(directory))
    throw new UsageError(`The function "${directory}" does not exist`);
  const layers = values.layer ?? [];
  for (const layer of layers) if (!existsSync(layer)) throw new UsageError(`The layer "${layer}" does not exist`);
  const brings = await Promise.all([...(directory === undefined ? [] : [directory]), ...layers].map(bringsBootstrap));
  const onOurs = !brings.includes(true) && !bootstrapInRoot(values.root);
  if (layers.length + Number(onOurs) > limits.layersMax)
    throw new UsageError(
      `A function has at most ${limits.layersMax} layers${onOurs ? ", ours that it runs on among them," : ","} and "--layer" names ${layers.length}`,
    );
  const ours = onOurs ? await openLocalLayer() : undefined;
  return { options: optionsOf(directory, values, ours), remove: () => ours?.remove() };
}

/** A bootstrap or an extension that cannot run would fail every invocation in the same way: whoever packed it is told now. */
export function checkPrograms({ problem }: LambdaFunction): void {
  if (problem !== undefined) throw new UsageError(`The function cannot start: ${problem}`);
}

function bootstrapInRoot(root: string | undefined): boolean {
  return (
    root !== undefined && ["opt", "var/task", "var/runtime"].some((path) => existsSync(join(root, path, "bootstrap")))
  );
}

const tmpRange = { min: limits.tmpMbMin, max: limits.tmpMbMax };
const memoryRange = { min: limits.memoryMbMin, max: limits.memoryMbMax };
const secondsRange = { min: limits.timeoutMsMin / 1000, max: limits.timeoutMsMax / 1000 };

function optionsOf(task: string | undefined, values: Values, ours: LocalLayer | undefined): FunctionOptions {
  const { handler, name, memory, timeout } = values;
  return {
    task,
    layers: [...(ours === undefined ? [] : [ours.folder]), ...(values.layer ?? [])],
    environment: variablesOf(values),
    ...loggingOf(values),
    ...modeOf(values),
    ...confinementOf(values),
    faults: faultsOf(values),
    ...(handler === undefined ? {} : { handler }),
    ...(name === undefined ? {} : { functionName: name }),
    ...(memory === undefined ? {} : { memoryMb: wholeNumber("memory", memory, memoryRange) }),
    ...(timeout === undefined ? {} : { timeoutMs: wholeNumber("timeout", timeout, secondsRange) * 1000 }),
  };
}

function faultsOf({ faults, seed }: Values): FunctionOptions["faults"] {
  if (faults !== undefined) return faultPlanOf(faults, seed);
  if (seed !== undefined) throw new UsageError('Option "--seed" is about a fault plan: add "--faults"');
  return undefined;
}

function confinementOf({ tmp, cpu, network, root, isolation }: Values): Partial<FunctionOptions> {
  return {
    ...(tmp === undefined ? {} : { tmpMb: wholeNumber("tmp", tmp, tmpRange) }),
    ...(cpu === undefined ? {} : { processors: oneOf("cpu", cpu, ["share", "all"] as const) }),
    ...(network === undefined ? {} : { network: oneOf("network", network, ["host", "none", "nat"] as const) }),
    ...(root === undefined ? {} : { root }),
    ...(isolation !== undefined && oneOf("isolation", isolation, ["full", "off"]) === "off"
      ? { isolation: { kind: "none", reason: "--isolation off" } }
      : {}),
  };
}

async function bringsBootstrap(source: string): Promise<boolean> {
  if (statSync(source).isDirectory()) return existsSync(join(source, "bootstrap"));
  const limit = { unzippedBytesMax: limits.packageUnzippedBytesMax };
  return withArchive(source, limit, async ({ entries }) => entries.some(({ path }) => path === "bootstrap"));
}

export function variablesOf(values: Values): Readonly<Record<string, string>> {
  const file = values.variables;
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
