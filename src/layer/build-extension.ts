import { readFile, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import type { ArchiveEntry } from "../platform/archive.ts";
import { packageRoot, sourceFile } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { type BootstrapOptions, buildBootstrap } from "./build-bootstrap.ts";
import { BuildError } from "./build-error.ts";
import { type Bundle, bundle } from "./bundle.ts";
import type { Engine } from "./engine.ts";
import { type LayerFile, layerFile } from "./layer-file.ts";

/** An extension that this package ships, by name, or anybody's module with a named export `extension`. */
export type ExtensionSource =
  | string
  | {
      readonly name: string;
      readonly entry: string;
      /** One executable with an engine of its own, for functions that have no Node; else it runs on that of our layer. */
      readonly standalone?: Omit<BootstrapOptions, "entry" | "program">;
    };

/** The files of one external extension, as a layer holds them. */
export interface BuiltExtension {
  readonly name: string;
  readonly entries: readonly ArchiveEntry[];
  readonly metafile: Bundle["metafile"];
  readonly warnings: readonly string[];
  /** That travels with it. */
  readonly engine?: Engine;
}

/** Names go into a file name and a shell script; Lambda's own limit on them is 128 characters. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Bundles one external extension: its module, and the stub that runs it on the engine of `bootstrap`. */
export async function buildExtension(source: ExtensionSource): Promise<BuiltExtension> {
  const name = typeof source === "string" ? source : source.name;
  if (!namePattern.test(name))
    throw new BuildError("bad-option", `Cannot name an extension "${name}": use letters, digits, dots, hyphens`);
  const shipped = sourceFile(join("extensions", name, "index"));
  const entry = typeof source === "string" ? shipped : source.entry;
  const beside = entry === shipped ? await filesBeside(name) : [];
  if (typeof source !== "string" && source.standalone !== undefined)
    return buildStandalone(name, entry, source.standalone, beside);
  const { extensionModules, extensionStubs } = manifest.places;
  const module = posix.join(extensionModules, `${name}.mjs`);
  const root = packageRoot();
  const built = await bundle({ entry, root, outFile: join(root, module), format: "esm", sourceMap: "none" });
  return {
    name,
    entries: [
      { type: "file", path: posix.join(extensionStubs, name), mode: 0o755, content: Buffer.from(stub(name)) },
      { type: "file", path: module, mode: 0o644, content: built.code },
      ...beside,
    ],
    metafile: built.metafile,
    warnings: built.warnings,
  };
}

async function filesBeside(name: string): Promise<readonly ArchiveEntry[]> {
  const all: Readonly<Record<string, readonly LayerFile[]>> = manifest.extensionFiles;
  return Promise.all((all[name] ?? []).map(layerFile));
}

/** Lambda knows an extension by its file's name, so the program looks there for its own. */
async function buildStandalone(
  name: string,
  entry: string,
  options: BootstrapOptions,
  beside: readonly ArchiveEntry[],
): Promise<BuiltExtension> {
  const folder = temporaryFolder("bootlace-extension-");
  try {
    const main = join(folder.path, "main.mjs");
    const imports = [
      'import { basename } from "node:path";',
      `import { runImportedExtension } from ${JSON.stringify(sourceFile("src/extension/run-extension"))};`,
    ];
    const run = `void runImportedExtension(basename(process.execPath), () => import(${JSON.stringify(entry)}));`;
    await writeFile(main, [...imports, run, ""].join("\n"));
    const { file, metafile, engine } = await buildBootstrap({ ...options, entry: main });
    const path = posix.join(manifest.places.extensionStubs, name);
    return {
      name,
      entries: [{ type: "file", path, mode: 0o755, content: await readFile(file) }, ...beside],
      metafile,
      warnings: [],
      engine,
    };
  } finally {
    folder.remove();
  }
}

/** The script that Lambda starts as the extension: the layer pays for one engine only. */
export function stub(name: string): string {
  return `#!/bin/sh
[ -x "\${0%/*}/../bootstrap" ] || { echo "Extension ${name}: add the Bootlace runtime layer, which has its engine" >&2; exit 1; }
exec "\${0%/*}/../bootstrap" --extension ${name} "\${0%/*}/../bootlace/extensions/${name}.mjs"
`;
}
