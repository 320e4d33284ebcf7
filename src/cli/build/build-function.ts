import { existsSync, statSync } from "node:fs";
import type { Architecture } from "../../layer/engine.ts";
import { type EngineName, engineNames, fetchEngine } from "../../layer/fetch-package.ts";
import { buildFunctionArchive } from "../../layer/function-archive.ts";
import { parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { archiveLines } from "../function-archive-page.ts";
import { variablesOf } from "../function-options.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";
import type { Build } from "./build.ts";

const options = {
  out: { type: "string", takes: "FILE", says: "the zip to write", default: "function.zip" },
  handler: {
    type: "string",
    takes: "NAME",
    says: "the export, as the handler setting names it",
    default: "index.handler",
  },
  event: {
    type: "string",
    multiple: true,
    takes: "FILE",
    says: "a sample event, repeatable, in place of those in the folder",
  },
  env: {
    type: "string",
    multiple: true,
    takes: "NAME=VALUE",
    says: "a variable of the function while it is run, repeatable",
  },
  variables: { type: "string", takes: "FILE", says: "variables of the function, as NAME=VALUE lines" },
  arch: { type: "string", takes: "ARCH", says: "x86_64 or arm64", normally: "this machine's" },
  engine: {
    type: "string",
    takes: "NAME",
    says: `the released Node that will run it, ${engineNames.join(" or ")}; fetched where it is not yet`,
    normally: "the installed one",
  },
  "no-cache": { type: "boolean", default: false, says: "no compiled code: nothing of the function is run" },
  "no-late-modules": {
    type: "boolean",
    default: false,
    says: "Node's modules load where the function imports them, touched or not",
  },
  format: {
    type: "string",
    takes: "FORMAT",
    says: "source keeps the module system; esm, cjs",
    normally: "cjs where the meaning stays the same",
  },
  minify: { type: "boolean", default: false, says: "shorter names and no spaces" },
  external: { type: "string", multiple: true, takes: "NAME", says: "a package that a layer brings, repeatable" },
  json: { type: "boolean", default: false, says: "one JSON document instead of the page" },
} as const satisfies DescribedOptions;

const help = `bootlace build function DIR|FILE [options]

Bundles a function and its packages into one file with its source map, and packs them into a zip. By default the zip
also carries compiled code: the function is run here on its sample events (event.json and events/*.json in its folder),
or only initialised when it has none, without network and without credentials. A bootstrap of the same Node uses it and
starts sooner; every other runtime passes it over. A function that fails at that is built all the same, with a warning.
Modules of Node that no sample event touches (http2, tls, ...) are loaded when something first touches them.

${optionsHelp(options)}

  bootlace build function examples/hello --out hello.zip`;

export const functionBuild: Build = {
  help,
  async run(args) {
    const { values, positionals } = parseCommand("build function", args, options);
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0)
      throw new UsageError('Say what to build, such as "bootlace build function examples/hello"');
    if (!existsSync(path)) throw new UsageError(`The function "${path}" does not exist`);
    for (const event of values.event ?? [])
      if (!existsSync(event)) throw new UsageError(`The event file "${event}" does not exist`);
    const archive = await buildFunctionArchive({
      ...(statSync(path).isDirectory() ? { directory: path } : { entry: path }),
      ...(values.format === undefined ? {} : { format: formatOf(values.format) }),
      outFile: values.out,
      minify: values.minify,
      external: values.external ?? [],
      cache: values["no-cache"] ? "none" : await cacheOf(values),
    });
    for (const line of values.json ? [JSON.stringify(archive, undefined, 2)] : archiveLines(archive)) console.log(line);
    return exitCodes.success;
  },
};

interface CacheValues {
  readonly handler: string;
  readonly event?: readonly string[];
  readonly env?: readonly string[];
  readonly variables?: string;
  readonly arch?: string;
  readonly engine?: string;
  readonly "no-late-modules": boolean;
}

async function cacheOf(values: CacheValues) {
  const arch = archOf(values.arch);
  const engine = values.engine === undefined ? undefined : await fetchEngine(engineNameOf(values.engine), arch);
  return {
    handler: handlerOf(values.handler),
    environment: variablesOf(values),
    arch,
    lateModules: !values["no-late-modules"],
    ...(engine === undefined ? {} : { engine: engine.folder }),
    ...(values.event === undefined ? {} : { events: values.event }),
  };
}

/** The bundle is named index, whatever the source was named. */
function handlerOf(name: string): string {
  if (/^index\.[^/]+$/.test(name)) return name;
  throw new UsageError(`Option "--handler" takes index.EXPORT, since what is built is named index: not "${name}"`);
}

function archOf(name: string | undefined): Architecture {
  if (name === undefined) return process.arch === "arm64" ? "arm64" : "x86_64";
  if (name === "x86_64" || name === "arm64") return name;
  throw new UsageError(`Option "--arch" takes x86_64 or arm64, not "${name}"`);
}

function engineNameOf(name: string): EngineName {
  const known = engineNames.find((one) => one === name);
  if (known !== undefined) return known;
  throw new UsageError(`Option "--engine" takes ${engineNames.join(" or ")}, not "${name}"`);
}

function formatOf(name: string): "source" | "esm" | "cjs" {
  if (name === "source" || name === "esm" || name === "cjs") return name;
  throw new UsageError(`Option "--format" takes source, esm or cjs, not "${name}"`);
}
