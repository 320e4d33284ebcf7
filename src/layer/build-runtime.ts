import type { Compression } from "../platform/deflate.ts";
import type { Program } from "./build-bootstrap.ts";
import { type BuiltLayer, buildLayer } from "./build-layer.ts";
import { type Architecture, hostArchitecture } from "./engine.ts";
import { type EngineName, fetchEngine } from "./fetch-package.ts";

/** A custom runtime. */
export interface CustomRuntimeOptions {
  /** The module that calls `startRuntime`, or serves in its own way. */
  readonly entry: string | Program;
  /** Of zip; 9 unless told. */
  readonly level?: Compression;
  readonly cacheDirectory?: string;
}

/** With what it is packed. */
export interface RuntimeTarget {
  readonly architectures: readonly Architecture[];
  readonly engine: EngineName;
  /** Where the layer of an architecture goes. */
  readonly outFile: (arch: Architecture) => string;
}

/** Makes layers that stand alone: one executable called `bootstrap`, with its engine inside, for each architecture. */
export async function buildRuntime(options: CustomRuntimeOptions & RuntimeTarget): Promise<readonly BuiltLayer[]> {
  const { entry, engine: name, outFile, architectures, level = 9, ...rest } = options;
  const host = await fetchEngine(name, hostArchitecture);
  const layers: BuiltLayer[] = [];
  // One after another: two engines at once are half a gigabyte in memory.
  for (const arch of architectures) {
    const engine = await fetchEngine(name, arch);
    const bootstrap = { arch, entry, engine: engine.folder, generator: host.node };
    layers.push(await buildLayer({ ...rest, outFile: outFile(arch), level, extensions: [], bootstrap }));
  }
  return layers;
}

/**
 * Makes a layer of some kilobytes for any architecture, which goes behind the runtime layer of this package: its
 * `bootstrap` then starts this runtime in place of its own.
 */
export function buildRuntimeOnLayer(options: CustomRuntimeOptions & { readonly outFile: string }): Promise<BuiltLayer> {
  const { entry, level = 9, ...rest } = options;
  return buildLayer({ ...rest, level, extensions: [], bootstrap: "absent", customRuntime: entry });
}
