import { join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import type { Compression } from "../platform/deflate.ts";
import { defaultCacheDirectory } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";
import { type BuiltLayer, buildLayer } from "./build-layer.ts";
import { noteChecksums } from "./checksums.ts";
import { type Architecture, architectures, hostArchitecture } from "./engine.ts";
import type { Packager } from "./executable.ts";
import { type EngineName, fetchEngine } from "./fetch-package.ts";
import { prefetchListFile } from "./prefetch-list.ts";
import type { Shape } from "./runtime-parts.ts";

/** What to release. Everything unless told. */
export interface ReleaseOptions {
  readonly outDir: string;
  readonly engines?: readonly EngineName[];
  readonly architectures?: readonly Architecture[];
  /** A launcher unless told, or where there is no compiler for one. */
  readonly shape?: Shape;
  readonly packager?: Packager;
  /** "densest" unless told: slow to make, but a release is built once and downloaded by everybody. */
  readonly level?: Compression;
  readonly cacheDirectory?: string;
}

/** A layer, and what whoever built it should know. */
export interface ReleasedLayer extends BuiltLayer {
  readonly note?: string;
}

/** Builds the layers of a release, each with its bill of materials: the runtime for each engine and architecture, and one for each extension. */
export async function buildRelease(options: ReleaseOptions): Promise<readonly ReleasedLayer[]> {
  const wanted = (options.engines ?? manifest.engines).flatMap((engine) =>
    (options.architectures ?? architectures).map((arch) => ({ engine, arch })),
  );
  const layers = await whole([
    ...wanted.map(({ engine, arch }) => buildRuntimeLayer(engine, arch, options)),
    ...manifest.shippedExtensions.map((name) => buildExtensionLayer(name, options)),
  ]);
  await noteChecksums(options.outDir, layers);
  return layers;
}

/** All of them, or the first failure once none is at work any more. */
async function whole<T>(under: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(under);
  return Promise.all(under);
}

async function buildRuntimeLayer(
  name: EngineName,
  arch: Architecture,
  options: ReleaseOptions,
): Promise<ReleasedLayer> {
  const [engine, host] = await Promise.all([fetchEngine(name, arch), fetchEngine(name, hostArchitecture)]);
  const { packager, shape } = options;
  const build = (built: Shape) =>
    buildLayer({
      outFile: join(options.outDir, `layer-${name}-${arch}.zip`),
      billFile: join(options.outDir, `layer-${name}-${arch}.cdx.json`),
      level: options.level ?? "densest",
      extensions: [],
      bootstrap: {
        ...{ arch, engine: engine.folder, generator: host.node, shape: built },
        prefetchList: prefetchListFile(name, arch),
        ...(packager && { packager }),
      },
      // A quick build is for looking at, and only has to be what Lambda takes.
      ...(options.level === undefined ? { budget: manifest.releases.runtime } : {}),
      cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
    });
  if (shape !== undefined) return build(shape);
  try {
    return await build("launcher");
  } catch (error) {
    if (!(error instanceof BuildError && error.code === "tool-missing")) throw error;
    return { ...(await build("single")), note: `${name} for ${arch} has no launcher. ${error.message}` };
  }
}

function buildExtensionLayer(name: string, options: ReleaseOptions): Promise<BuiltLayer> {
  return buildLayer({
    outFile: join(options.outDir, `layer-${name}.zip`),
    billFile: join(options.outDir, `layer-${name}.cdx.json`),
    level: options.level ?? "densest",
    extensions: [name],
    bootstrap: "absent",
    budget: manifest.releases.extension,
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
  });
}
