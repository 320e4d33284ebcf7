import { existsSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { buildLayer } from "../../layer/build-layer.ts";
import { parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { layerLines } from "../layer-page.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";
import type { Build } from "./build.ts";

const options = {
  out: { type: "string", takes: "DIR", says: "the folder for the layer", default: "dist" },
  name: { type: "string", takes: "NAME", says: "the extension's name", normally: "that of the entry or its folder" },
  json: { type: "boolean", default: false, says: "one JSON document instead of the page" },
} as const satisfies DescribedOptions;

const help = `bootlace build extension ENTRY [options]

Bundles a module with the named export "extension" into a layer of a few kilobytes, which runs on the Node of our runtime
layer beside it.

${optionsHelp(options)}

  bootlace build extension extensions/lifecycle/index.ts`;

export const extensionBuild: Build = {
  help,
  async run(args) {
    const { values, positionals } = parseCommand("build extension", args, options);
    const [entry, ...more] = positionals;
    if (entry === undefined || more.length > 0)
      throw new UsageError('Name the extension\'s module, such as "bootlace build extension index.ts"');
    if (!existsSync(entry)) throw new UsageError(`The file "${entry}" does not exist`);
    const name = values.name ?? nameOf(entry);
    const layer = await buildLayer({
      outFile: join(values.out, `${name}.zip`),
      level: 9,
      extensions: [{ name, entry: resolve(entry) }],
      bootstrap: "absent",
    });
    console.log(values.json ? JSON.stringify(layer, undefined, 2) : layerLines(layer).join("\n"));
    return exitCodes.success;
  },
};

function nameOf(entry: string): string {
  const name = basename(entry, extname(entry));
  return name === "extension" || name === "index" ? basename(dirname(resolve(entry))) : name;
}
