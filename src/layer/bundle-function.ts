import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { BuildError } from "./build-error.ts";
import { type Bundle, type BundleOptions, bundle, inOneByte, lacksImportMeta } from "./bundle.ts";
import { withClassNames } from "./class-names.ts";

/** A module system of Node's. */
export type FunctionFormat = "esm" | "cjs";

interface FunctionBundleOptions {
  readonly entry: string;
  readonly root: string;
  readonly outFile: string;
  readonly format: FunctionFormat;
  /** The module system that the entry was written for. */
  readonly source: FunctionFormat;
  readonly minify: boolean;
  readonly external: readonly string[];
}

/** What stands for `import.meta` in CommonJS; asked for late, since most functions never do. */
const importMeta = "bootlaceImportMeta";
const importMetaInCommonJs = `var ${importMeta} = { get url() { return require("node:url").pathToFileURL(__filename).href; }, filename: __filename, dirname: __dirname, main: false };`;

/** From here on, JSON as an object of JavaScript takes three times as long to read as it does as a string. */
const jsonAsTextBytesMin = 262_144;

/** Bundles a function. What cannot be said in the format without changing its meaning is a `BuildError`. */
export async function bundleFunction(options: FunctionBundleOptions): Promise<Bundle> {
  const { format, source } = options;
  const becomesCommonJs = format === "cjs" && source === "esm";
  // ES modules are strict, and so is what becomes of them.
  if (becomesCommonJs) return withImportMeta(options, '"use strict";\n');
  try {
    return await bundled(options, {});
  } catch (error) {
    // CommonJS may require packages that are ES modules.
    if (format !== "cjs" || !lacksImportMeta(error)) throw error;
    return withImportMeta(options, "");
  }
}

async function withImportMeta(options: FunctionBundleOptions, directive: string): Promise<Bundle> {
  const built = await bundled(options, {
    define: { "import.meta": importMeta },
    banner: { js: `${directive}${importMetaInCommonJs}` },
  });
  refuseOtherMeta(Buffer.from(built.code).toString("latin1"));
  return built;
}

async function bundled(options: FunctionBundleOptions, more: BundleOptions["more"]): Promise<Bundle> {
  // Minified code has no names of its own. All are kept there, as classes alone cannot be.
  if (options.minify) return asItRuns(await once(options, { ...more, keepNames: true }), options);
  const built = await once(options, more);
  const code = Buffer.from(built.code).toString("utf8");
  if (!/\bclass\b/.test(code)) return asItRuns(built, options);
  const named = await once(options, { ...more, keepNames: true });
  const renamed = withClassNames(code, Buffer.from(named.code).toString("utf8"));
  return asItRuns({ ...built, code: Buffer.from(renamed, "utf8") }, options);
}

async function asItRuns(built: Bundle, { format }: FunctionBundleOptions): Promise<Bundle> {
  if (format !== "cjs") return built;
  return { ...built, code: (await inOneByte(built.code)) ?? built.code };
}

function once(options: FunctionBundleOptions, more: BundleOptions["more"]): Promise<Bundle> {
  const { entry, root, outFile, format, minify, external } = options;
  return bundle({
    entry,
    root,
    outFile,
    format,
    sourceMap: "beside",
    minify,
    external,
    more: {
      loader: { ".node": "copy" },
      assetNames: "[name]-[hash]",
      // Nothing is written by its name, which may be that of a source.
      allowOverwrite: true,
      plugins: [largeJson],
      // V8 keeps and reads a source of one byte per character faster. Licences keep theirs, in a file of their own.
      ...(format === "cjs" ? { charset: "ascii", legalComments: "linked" } : {}),
      ...more,
    },
  });
}

/** `import.meta.resolve` follows other conditions than `require.resolve`, and the object itself may be handed on. */
function refuseOtherMeta(code: string): void {
  const uses = code.slice(code.indexOf(importMetaInCommonJs) + importMetaInCommonJs.length);
  if (new RegExp(`\\b${importMeta}\\b(?!\\.(?:url|filename|dirname|main)\\b)`).test(uses))
    throw new BuildError(
      "bad-source",
      "Only url, filename, dirname and main of import.meta can be had in CommonJS: it uses more than these",
    );
}

const largeJson: Plugin = {
  name: "large-json",
  setup(build) {
    build.onLoad({ filter: /\.json$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (text.length < jsonAsTextBytesMin) return undefined;
      try {
        return {
          contents: `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(text)))});`,
          loader: "js",
        };
      } catch {
        // esbuild says where the mistake is.
        return undefined;
      }
    });
  },
};
