import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { relative, resolve } from "node:path";
import type { BuildOptions, BuildResult, Metafile, Plugin } from "esbuild";
import { packageRoot } from "../platform/package-root.ts";
import type { Program } from "./build-bootstrap.ts";
import { BuildError } from "./build-error.ts";
import type { BuiltLayer } from "./build-layer.ts";
import { buildRuntime, buildRuntimeOnLayer, type CustomRuntimeOptions, type RuntimeTarget } from "./build-runtime.ts";

/** Layers that stand alone, or one of some kilobytes that goes behind the runtime layer of this package. */
export type RuntimePluginOptions = Omit<CustomRuntimeOptions, "entry"> &
  (RuntimeTarget | { readonly onLayer: string }) & {
    /** Is told of the layers of each build. */
    readonly built?: (layers: readonly BuiltLayer[]) => void;
  };

/**
 * For those with an esbuild of their own: makes the layer of a custom runtime of what esbuild made. The build has one entry
 * and one output, in CommonJS for Node, which is what it becomes where its options do not say otherwise.
 */
export function runtimeLayerPlugin({ built, ...options }: RuntimePluginOptions): Plugin {
  return {
    name: "bootlace-runtime-layer",
    setup({ initialOptions, onEnd }) {
      initialOptions.bundle ??= true;
      initialOptions.platform ??= "node";
      initialOptions.format ??= "cjs";
      initialOptions.metafile = true;
      onEnd(async (result) => {
        if (result.errors.length > 0) return {};
        try {
          const entry = await programIn(initialOptions, result);
          const layers =
            "onLayer" in options
              ? [await buildRuntimeOnLayer({ ...options, entry, outFile: options.onLayer })]
              : await buildRuntime({ ...options, entry });
          built?.(layers);
          return {};
        } catch (error) {
          if (!(error instanceof BuildError)) throw error;
          return { errors: [{ text: error.message }] };
        }
      });
    },
  };
}

async function programIn(options: BuildOptions, { metafile, outputFiles }: BuildResult): Promise<Program> {
  const { bundle, platform, format, absWorkingDir = process.cwd() } = options;
  if (bundle !== true || platform !== "node" || format !== "cjs")
    throw refused('say "bundle: true", "platform: "node"" and "format: "cjs"", or nothing about them');
  // `metafile` was asked for above.
  const outputs = Object.entries(metafile?.outputs ?? {}).filter(([path]) => !path.endsWith(".map"));
  const [only, ...more] = outputs;
  if (metafile === undefined || only === undefined || more.length > 0)
    throw refused(`a runtime is one file, and this build makes ${outputs.length}: name one entry, and load no assets`);
  const [path, { imports }] = only;
  const outside = imports.find(({ external, path }) => external === true && !isBuiltin(path));
  if (outside !== undefined) throw refused(`"${outside.path}" is not where the runtime runs: do not make it external`);
  const file = resolve(absWorkingDir, path);
  const code = outputFiles?.find((output) => output.path === file)?.contents ?? (await readFile(file));
  return { code, metafile: rebased(metafile, absWorkingDir) };
}

/** Licences are looked for from the root of this package. */
function rebased(metafile: Metafile, folder: string): Metafile {
  const inputs = Object.entries(metafile.inputs).map(([path, input]) => [
    relative(packageRoot(), resolve(folder, path)),
    input,
  ]);
  return { ...metafile, inputs: Object.fromEntries(inputs) };
}

function refused(what: string): BuildError {
  return new BuildError("bad-option", `Cannot make the layer of a runtime: ${what}`);
}
