import { join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { BuildError } from "./build-error.ts";
import { type BuiltLayer, buildLayer } from "./build-layer.ts";
import { type Architecture, engineOf } from "./engine.ts";

/** Small and slow to make: a release is built once and downloaded by everybody. */
const level = 9;

/** Builds the layers of a release: the runtime alone, and one layer for each extension that we ship. */
export async function buildRelease(options: {
  readonly outDir: string;
  readonly arch: string;
  readonly cacheDirectory?: string;
}): Promise<readonly BuiltLayer[]> {
  const arch = architecture(options.arch);
  const { version } = await engineOf(arch);
  const { runtime, extension } = manifest.releases;
  const cache = options.cacheDirectory === undefined ? {} : { cacheDirectory: options.cacheDirectory };
  const layers = [
    await buildLayer({
      outFile: join(options.outDir, `layer-node${version.split(".")[0]}-${arch}.zip`),
      level,
      extensions: [],
      bootstrap: { arch, strip: "required" },
      budget: runtime,
      ...cache,
    }),
  ];
  for (const name of manifest.shippedExtensions) {
    const outFile = join(options.outDir, `layer-${name}.zip`);
    layers.push(
      await buildLayer({ outFile, level, extensions: [name], bootstrap: "absent", budget: extension, ...cache }),
    );
  }
  return layers;
}

function architecture(name: string): Architecture {
  if (name === "x86_64" || name === "arm64") return name;
  throw new BuildError("bad-option", `Cannot build for "${name}": use --arch x86_64 or --arch arm64`);
}
