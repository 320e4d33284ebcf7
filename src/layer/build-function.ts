import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { BuildError } from "./build-error.ts";
import { type Bundle, bytesByInput } from "./bundle.ts";
import { bundleFunction, type FunctionFormat } from "./bundle-function.ts";

/** A function's entry file, or its folder: `main` of its package.json, else an index file. */
export type FunctionSource = { readonly entry: string } | { readonly directory: string };

/** How to build a function. */
export interface FunctionOptions {
  readonly outDir: string;
  /**
   * `source` keeps the module system of the source. `cacheable` makes CommonJS of ES modules too, for which alone
   * compiled code can be kept, unless that would change what the function does.
   */
  readonly format?: "source" | "cacheable" | FunctionFormat;
  readonly minify?: boolean;
  /** Packages that a layer brings. */
  readonly external?: readonly string[];
  /** Where the output goes to from there: the source map names the sources as if it lay beside them. "here" unless told. */
  readonly goes?: "here" | "elsewhere";
}

/** What a build of a function wrote. */
export interface BuiltFunction {
  readonly outDir: string;
  /** The module to name in the handler setting: `index.handler` stands for either. */
  readonly file: "index.mjs" | "index.cjs";
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Bytes that each source file brings, by its path relative to the function, largest first. */
  readonly bytesByInput: Readonly<Record<string, number>>;
  readonly metafile: Metafile;
  readonly warnings: readonly string[];
  /** Why it could not be made CommonJS, if it was to be and could not. */
  readonly notCacheable?: string;
}

const indexFiles = ["index.ts", "index.mts", "index.mjs", "index.js", "index.cts", "index.cjs"];

/** Everything that a build may have left in its folder; an `index.mjs` of yesterday would win over today's `index.cjs`. */
const outputs = ["index.mjs", "index.mjs.map", "index.cjs", "index.cjs.map", "index.cjs.LEGAL.txt"];

/** Bundles a function, TypeScript or JavaScript, into one file with its source map beside it. */
export async function buildFunction(options: FunctionSource & FunctionOptions): Promise<BuiltFunction> {
  const entry = resolve("entry" in options ? options.entry : await entryOf(options.directory));
  const outDir = resolve(options.outDir);
  if (outDir === dirname(entry))
    throw new BuildError("bad-option", `Cannot build "${entry}" into its own folder: name another one to write to`);
  const root = "entry" in options ? dirname(entry) : resolve(options.directory);
  const { format, built, reason } = await bundled(options, entry, root, outDir);
  const file = fileOf(format);
  const files = [
    { path: file, content: built.code },
    { path: `${file}.map`, content: built.map ?? new Uint8Array() },
    ...[...built.assets].map(([path, content]) => ({ path, content })),
  ];
  await mkdir(outDir, { recursive: true });
  for (const name of outputs) await rm(join(outDir, name), { force: true });
  for (const { path, content } of files) await writeFile(join(outDir, path), content);
  return {
    outDir,
    file,
    files: files.map(({ path, content }) => ({ path, bytes: content.byteLength })),
    bytesByInput: bytesByInput(built),
    metafile: built.metafile,
    warnings: built.warnings,
    ...(reason === undefined ? {} : { notCacheable: reason }),
  };
}

interface Bundled {
  readonly format: FunctionFormat;
  readonly built: Bundle;
  readonly reason?: string;
}

async function bundled(options: FunctionOptions, entry: string, root: string, outDir: string): Promise<Bundled> {
  const { minify = false, external = [] } = options;
  const source = await formatOf(entry);
  const inFormat = async (format: FunctionFormat): Promise<Bundled> => ({
    format,
    built: await bundleFunction({
      entry,
      root,
      outFile: join(options.goes === "elsewhere" ? root : outDir, fileOf(format)),
      format,
      source,
      minify,
      external,
    }),
  });
  const wanted = options.format ?? "source";
  if (wanted === "source") return inFormat(source);
  if (wanted !== "cacheable") return inFormat(wanted);
  try {
    return await inFormat("cjs");
  } catch (error) {
    if (!(error instanceof BuildError) || source === "cjs") throw error;
    // A mistake in the source is one in either format, and then the second attempt says so.
    return { ...(await inFormat("esm")), reason: error.message };
  }
}

function fileOf(format: FunctionFormat): BuiltFunction["file"] {
  return format === "esm" ? "index.mjs" : "index.cjs";
}

async function entryOf(directory: string): Promise<string> {
  const main = (await packageJson(directory))?.main;
  if (typeof main === "string") return join(directory, main);
  const index = indexFiles.find((name) => existsSync(join(directory, name)));
  if (index === undefined)
    throw new BuildError(
      "bad-source",
      `Cannot find the function in "${directory}": add an index.ts, index.mjs or index.js, or a "main" to its package.json`,
    );
  return join(directory, index);
}

/** The module system that Node would see in the source, so that `exports.handler` and `export` both keep their meaning. */
async function formatOf(entry: string): Promise<FunctionFormat> {
  const suffix = extname(entry);
  if (suffix === ".cjs" || suffix === ".cts") return "cjs";
  if (suffix !== ".js") return "esm";
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    const found = await packageJson(folder);
    if (found) return found.type === "module" ? "esm" : "cjs";
    if (folder === dirname(folder)) return "cjs";
  }
}

async function packageJson(folder: string): Promise<{ readonly main?: unknown; readonly type?: unknown } | undefined> {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new BuildError("bad-source", `Cannot read "${file}": it is no JSON, correct it`, error);
  }
}
