import { builtinModules } from "node:module";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { packageRoot } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";
import { type Bundle, type BundleOptions, bundle } from "./bundle.ts";

/** Bundles a program into one CommonJS file, behind `before`; also one that awaits at its top, which CommonJS cannot say. */
export async function bundleProgram(entry: string, before = ""): Promise<Bundle> {
  const root = packageRoot();
  const outFile = join(root, "bootstrap.cjs");
  // Of one byte for each character, V8's code of it can be kept with the source as it is.
  const more = { charset: "ascii", banner: { js: before } } as const;
  const options = { entry, root, outFile, format: "cjs", sourceMap: "none", minify: true, more } as const;
  try {
    return await bundle(options);
  } catch (error) {
    if (!(error instanceof BuildError && awaitsAtTop.test(error.message))) throw error;
  }
  return bundleAwaiting(options);
}

/** In esbuild's words, at the time of this version; a test says so when they change. */
const awaitsAtTop = /Top-level await/i;

/** As an ES module that imports nothing and exports nothing: inside an asynchronous function it is a script. */
async function bundleAwaiting(options: BundleOptions): Promise<Bundle> {
  const built = await bundle({
    ...options,
    format: "esm",
    more: {
      plugins: [withoutExports(options.entry), requiredBuiltins],
      banner: {},
      define: { "import.meta": importMeta },
    },
  });
  const code = Buffer.from(built.code).toString("utf8");
  // What it throws ends the process, as at the top of a module.
  return { ...built, code: Buffer.from(`"use strict";${importMetaOfScript}(async()=>{${code}})();\n`) };
}

/** What stands for `import.meta`: a program lies where its executable does. */
const importMeta = "bootlaceImportMeta";
const importMetaOfScript = `const ${importMeta}={get url(){return require("node:url").pathToFileURL(__filename).href},filename:__filename,dirname:__dirname,main:true};`;

function withoutExports(entry: string): Plugin {
  return {
    name: "without-exports",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ kind, path }) =>
        kind === "entry-point" ? { path, namespace: "program" } : undefined,
      );
      onLoad({ filter: /.*/, namespace: "program" }, () => ({
        contents: `import ${JSON.stringify(entry)};`,
        resolveDir: packageRoot(),
      }));
    },
  };
}

/** A script has no imports; what is built into Node can be required anywhere. */
const requiredBuiltins: Plugin = {
  name: "required-builtins",
  setup({ onResolve, onLoad }) {
    const names = builtinModules.map((name) => name.replace(/[/.]/g, "\\$&")).join("|");
    onResolve({ filter: new RegExp(`^(node:.*|${names})$`) }, ({ path, namespace }) =>
      namespace === "builtin" ? { path, external: true } : { path, namespace: "builtin" },
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};
