import type { Compression } from "../platform/deflate.ts";
import { type BuiltLayer, buildLayer } from "./build-layer.ts";
import { type Architecture, hostArchitecture } from "./engine.ts";
import { fetchEngine } from "./fetch-package.ts";

/** An extension that travels with an engine of its own. */
export interface StandaloneExtensionOptions {
  readonly name: string;
  /** The module with the named export `extension`. */
  readonly entry: string;
  readonly architectures: readonly Architecture[];
  /** Where the layer of an architecture goes. */
  readonly outFile: (arch: Architecture) => string;
  /** Of zip; 9 unless told. */
  readonly level?: Compression;
}

/** Makes a layer for each architecture, in which the extension is one executable. */
export async function buildStandaloneExtension(options: StandaloneExtensionOptions): Promise<readonly BuiltLayer[]> {
  const { name, entry, architectures, outFile, level = 9 } = options;
  const host = await fetchEngine("node24", hostArchitecture);
  const layers: BuiltLayer[] = [];
  for (const arch of architectures) {
    const engine = await fetchEngine("node24", arch);
    const standalone = { arch, engine: engine.folder, generator: host.node };
    const extensions = [{ name, entry, standalone }];
    layers.push(await buildLayer({ outFile: outFile(arch), level, extensions, bootstrap: "absent" }));
  }
  return layers;
}
