import type { Compression } from "../platform/deflate.ts";
import { type BuiltLayer, buildLayer } from "./build-layer.ts";
import { type Architecture, hostArchitecture } from "./engine.ts";
import { type EngineName, fetchEngine } from "./fetch-package.ts";

/** A custom runtime, and for what it is built. */
export interface RuntimeOptions {
  /** The module that calls `startRuntime`, or serves in its own way. It becomes CommonJS: no top-level await. */
  readonly entry: string;
  readonly architectures: readonly Architecture[];
  readonly engine: EngineName;
  /** Where the layer of an architecture goes. */
  readonly outFile: (arch: Architecture) => string;
  /** Of zip; 9 unless told. */
  readonly level?: Compression;
  readonly cacheDirectory?: string;
}

/** Makes the layers of a custom runtime: one executable called `bootstrap`, with its engine inside. */
export async function buildRuntime(options: RuntimeOptions): Promise<readonly BuiltLayer[]> {
  const { entry, engine: name, outFile, cacheDirectory } = options;
  const host = await fetchEngine(name, hostArchitecture);
  const layers: BuiltLayer[] = [];
  // One after another: two engines at once are half a gigabyte in memory.
  for (const arch of options.architectures) {
    const engine = await fetchEngine(name, arch);
    layers.push(
      await buildLayer({
        outFile: outFile(arch),
        level: options.level ?? 9,
        extensions: [],
        bootstrap: { arch, entry, engine: engine.folder, generator: host.node },
        ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
      }),
    );
  }
  return layers;
}
