import { existsSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { manifest } from "../../../layer/manifest.ts";
import { buildLayer } from "../../layer/build-layer.ts";
import { hostArchitecture } from "../../layer/engine.ts";
import { buildStandaloneExtension } from "../../layer/standalone-extension.ts";
import { sourceFile } from "../../platform/package-root.ts";
import { parseCommand } from "../command.ts";
import { didYouMean } from "../did-you-mean.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { layerLines } from "../layer-page.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";
import { architecturesIn } from "./architectures.ts";
import type { Build } from "./build.ts";

const options = {
  out: { type: "string", takes: "DIR", says: "the folder for the layer", default: "dist" },
  name: { type: "string", takes: "NAME", says: "the extension's name", normally: "that of the entry or its folder" },
  standalone: {
    type: "boolean",
    default: false,
    says: "one executable with a Node inside, beside a function in any language",
  },
  arch: { type: "string", takes: "ARCH", says: "of a standalone one: x86_64, arm64 or all", default: hostArchitecture },
  json: { type: "boolean", default: false, says: "one JSON document instead of the page" },
} as const satisfies DescribedOptions;

const help = `bootlace build extension ENTRY|${manifest.shippedExtensions.join("|")} [options]

Bundles a module with the named export "extension", or one that we ship, into a layer of a few kilobytes, which runs on
the Node of our runtime layer beside it; or, with --standalone, into layers that need nothing beside them, NAME-ARCH.zip.

${optionsHelp(options)}

  bootlace build extension my-extension/index.ts
  bootlace build extension otlp --standalone --arch all`;

export const extensionBuild: Build = {
  help,
  async run(args) {
    const { values, positionals } = parseCommand("build extension", args, options);
    const [entry, ...more] = positionals;
    if (entry === undefined || more.length > 0)
      throw new UsageError('Name the extension\'s module, such as "bootlace build extension index.ts"');
    const file = fileOf(entry);
    const name = values.name ?? nameOf(file);
    const layers = values.standalone
      ? await buildStandaloneExtension({
          name,
          entry: resolve(file),
          architectures: architecturesIn(values.arch),
          outFile: (arch) => join(values.out, `${name}-${arch}.zip`),
        })
      : [
          await buildLayer({
            outFile: join(values.out, `${name}.zip`),
            level: 9,
            extensions: [{ name, entry: resolve(file) }],
            bootstrap: "absent",
          }),
        ];
    console.log(values.json ? JSON.stringify(layers, undefined, 2) : layers.flatMap(layerLines).join("\n"));
    return exitCodes.success;
  },
};

/** A file that is there, else an extension that travels with this package. */
function fileOf(entry: string): string {
  if (existsSync(entry)) return entry;
  const shipped = manifest.shippedExtensions.find((name) => name === entry);
  if (shipped !== undefined) return sourceFile(join("extensions", shipped, "index"));
  const meant = didYouMean(entry, manifest.shippedExtensions);
  throw new UsageError(`The file "${entry}" does not exist${meant === undefined ? "" : `, did you mean "${meant}"?`}`);
}

function nameOf(entry: string): string {
  const name = basename(entry, extname(entry));
  return name === "extension" || name === "index" ? basename(dirname(resolve(entry))) : name;
}
