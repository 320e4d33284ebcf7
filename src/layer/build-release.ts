import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import type { Compression } from "../platform/deflate.ts";
import { type BuiltLayer, buildLayer } from "./build-layer.ts";
import { type Architecture, architectures, hostArchitecture } from "./engine.ts";
import { type EngineName, fetchEngine } from "./fetch-package.ts";
import { defaultCacheDirectory } from "./package-root.ts";

/** What to release. Everything unless told. */
export interface ReleaseOptions {
  readonly outDir: string;
  readonly engines?: readonly EngineName[];
  readonly architectures?: readonly Architecture[];
  /** "densest" unless told: slow to make, but a release is built once and downloaded by everybody. */
  readonly level?: Compression;
  readonly cacheDirectory?: string;
}

/** Builds the layers of a release: the runtime for each engine and architecture, and one for each extension. */
export async function buildRelease(options: ReleaseOptions): Promise<readonly BuiltLayer[]> {
  const wanted = (options.engines ?? manifest.engines).flatMap((engine) =>
    (options.architectures ?? architectures).map((arch) => ({ engine, arch })),
  );
  const layers = await Promise.all([
    ...wanted.map(({ engine, arch }) => buildRuntimeLayer(engine, arch, options)),
    ...manifest.shippedExtensions.map((name) => buildExtensionLayer(name, options)),
  ]);
  await writeFile(join(options.outDir, "SHA256SUMS"), sums(layers));
  return layers;
}

async function buildRuntimeLayer(name: EngineName, arch: Architecture, options: ReleaseOptions): Promise<BuiltLayer> {
  const [engine, host] = await Promise.all([fetchEngine(name, arch), fetchEngine(name, hostArchitecture)]);
  return buildLayer({
    outFile: join(options.outDir, `layer-${name}-${arch}.zip`),
    level: options.level ?? "densest",
    extensions: [],
    bootstrap: { arch, engine: engine.folder, generator: host.node },
    budget: manifest.releases.runtime,
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
  });
}

function buildExtensionLayer(name: string, options: ReleaseOptions): Promise<BuiltLayer> {
  return buildLayer({
    outFile: join(options.outDir, `layer-${name}.zip`),
    level: options.level ?? "densest",
    extensions: [name],
    bootstrap: "absent",
    budget: manifest.releases.extension,
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
  });
}

/** Lines that `sha256sum --check` reads. */
function sums(layers: readonly BuiltLayer[]): string {
  return layers.map(({ file, sha256 }) => `${sha256}  ${basename(file)}\n`).join("");
}
