import { existsSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { buildRuntime, buildRuntimeOnLayer } from "../../layer/build-runtime.ts";
import { hostArchitecture } from "../../layer/engine.ts";
import { engineNames } from "../../layer/fetch-package.ts";
import { parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { layerLines } from "../layer-page.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";
import { architecturesIn } from "./architectures.ts";
import type { Build } from "./build.ts";

const options = {
  out: { type: "string", takes: "DIR", says: "the folder for the layers", default: "dist" },
  name: {
    type: "string",
    takes: "NAME",
    says: "the layer is NAME-ARCH.zip",
    normally: "the name of the entry or its folder",
  },
  arch: { type: "string", takes: "ARCH", says: "x86_64, arm64 or all", default: hostArchitecture },
  engine: { type: "string", takes: "NAME", says: engineNames.join(" or "), default: "node24" },
  "on-layer": {
    type: "boolean",
    default: false,
    says: "some kilobytes, for any architecture, that go behind our runtime layer and use its Node",
  },
  json: { type: "boolean", default: false, says: "one JSON document instead of the page" },
} as const satisfies DescribedOptions;

const help = `bootlace build runtime ENTRY [options]

Bundles a custom runtime, makes it one executable with a Node inside, and packs that as "bootstrap" into a layer for
provided.al2023. The Node is fetched from the npm registry once, as a lock pins it.

${optionsHelp(options)}

  bootlace build runtime examples/runtime-shell/bootstrap.ts --arch all
  bootlace build runtime examples/runtime-shell/bootstrap.ts --on-layer`;

export const runtimeBuild: Build = {
  help,
  async run(args) {
    const { values, positionals } = parseCommand("build runtime", args, options);
    const [entry, ...more] = positionals;
    if (entry === undefined || more.length > 0)
      throw new UsageError('Name the file that starts the runtime, such as "bootlace build runtime bootstrap.ts"');
    if (!existsSync(entry)) throw new UsageError(`The file "${entry}" does not exist`);
    const name = values.name ?? nameOf(entry);
    const source = { entry: resolve(entry) };
    const layers = values["on-layer"]
      ? [await buildRuntimeOnLayer({ ...source, outFile: join(values.out, `${name}.zip`) })]
      : await buildRuntime({
          ...source,
          architectures: architecturesIn(values.arch),
          engine: engineIn(values.engine),
          outFile: (arch) => join(values.out, `${name}-${arch}.zip`),
        });
    console.log(values.json ? JSON.stringify(layers, undefined, 2) : layers.flatMap(layerLines).join("\n"));
    return exitCodes.success;
  },
};

/** Most runtimes are a `bootstrap.ts` or an `index.ts` in a folder that has their name. */
function nameOf(entry: string): string {
  const name = basename(entry, extname(entry));
  return name === "bootstrap" || name === "index" ? basename(dirname(resolve(entry))) : name;
}

function engineIn(text: string) {
  const found = engineNames.find((name) => name === text);
  if (found === undefined) throw new UsageError(`Option "--engine" takes ${engineNames.join(" or ")}, not "${text}"`);
  return found;
}
