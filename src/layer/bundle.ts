import { dirname, relative } from "node:path";
import type { BuildOptions, Message, Metafile } from "esbuild";
import { dependency, modulesAround } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";

/** What to bundle into one file. */
export interface BundleOptions {
  readonly entry: string;
  /** Paths inside the bundle are relative to this folder, so the bytes do not depend on where it lies. */
  readonly root: string;
  readonly outFile: string;
  readonly format: "esm" | "cjs";
  readonly sourceMap: "beside" | "none";
  /** For a program that is parsed at every cold start and read by nobody. */
  readonly minify?: boolean;
  /** Packages that are found where the bundle runs, as in a layer. */
  readonly external?: readonly string[];
  /** What a caller asks of esbuild beyond that. */
  readonly more?: Pick<
    BuildOptions,
    | "packages"
    | "allowOverwrite"
    | "define"
    | "banner"
    | "charset"
    | "legalComments"
    | "plugins"
    | "loader"
    | "assetNames"
    | "keepNames"
  >;
}

/** A bundle that is not written yet. */
export interface Bundle {
  readonly code: Uint8Array;
  readonly map: Uint8Array | undefined;
  /** Files that are neither, such as native addons, by their names beside the bundle. */
  readonly assets: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
  readonly warnings: readonly string[];
}

/** Bundled CommonJS calls `require`, which an ES module does not have. */
const requireInEsm =
  'import { createRequire as bootlaceCreateRequire } from "node:module"; const require = bootlaceCreateRequire(import.meta.url);';

/** Bundles an entry and all it imports, for Node 24. A mistake in the sources is a `BuildError` with its place. */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { build } = bundler();
  const around = modulesAround();
  const result = await build({
    entryPoints: [options.entry],
    absWorkingDir: options.root,
    outfile: options.outFile,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node24",
    format: options.format,
    charset: "utf8",
    sourcemap: options.sourceMap === "beside" ? "linked" : false,
    sourcesContent: false,
    minify: options.minify ?? false,
    external: [...(options.external ?? [])],
    // Last of all places: so "bootlace" is found by sources that were written where nothing is installed.
    nodePaths: around === undefined ? [] : [around],
    logLevel: "silent",
    // A bundle in which `import.meta.url` is empty builds well and fails in Lambda.
    logOverride: { "empty-import-meta": "error" },
    ...(options.format === "esm" ? { banner: { js: requireInEsm } } : {}),
    ...options.more,
  }).catch((error) => {
    throw failure(options, error);
  });
  const files = new Map(result.outputFiles.map(({ path, contents }) => [path, contents]));
  const own = [options.outFile, `${options.outFile}.map`];
  const assets = [...files].filter(([path]) => !own.includes(path));
  return {
    code: files.get(options.outFile) ?? new Uint8Array(),
    map: files.get(`${options.outFile}.map`),
    assets: new Map(assets.map(([path, contents]) => [relative(dirname(options.outFile), path), contents])),
    metafile: result.metafile,
    warnings: result.warnings.map(sentence),
  };
}

/** The same code where each character takes one byte: comments lose the others. Undefined where the code itself has some. */
export async function inOneByte(code: Uint8Array): Promise<Uint8Array | undefined> {
  if (code.every((byte) => byte < 0x80)) return code;
  const text = Buffer.from(code).toString("utf8");
  // Each unit of two bytes by one of one byte, so that every place in the source map stays where it is.
  const replaced = text.replace(/[\u0080-\uffff]/g, "?");
  const { transform } = bundler();
  const uncommented = async (from: string) =>
    (await transform(from, { minifyWhitespace: true, legalComments: "none", logLevel: "silent" })).code;
  return (await uncommented(text)) === (await uncommented(replaced)) ? Buffer.from(replaced, "latin1") : undefined;
}

/** Loaded once something is built: it is the largest of all dependencies, and starts a program that it looks for. */
function bundler(): typeof import("esbuild") {
  // as: what the package of that name is.
  return dependency("esbuild") as typeof import("esbuild");
}

/** Bytes that each source file brings into a bundle, by its path, largest first. */
export function bytesByInput({ metafile }: Pick<Bundle, "metafile">): Readonly<Record<string, number>> {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const sizes = inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const);
  return Object.fromEntries(sizes.toSorted((a, b) => b[1] - a[1]));
}

function failure(options: BundleOptions, error: unknown): unknown {
  const messages = messagesOf(error);
  const [first, ...others] = messages;
  if (first === undefined) return error;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const entry = relative(options.root, options.entry);
  return new BuildError("bad-source", `Cannot bundle "${entry}": ${sentence(first)}${more}${advice(messages)}`, error);
}

/** Packages name others that they only ask for at times, such as the drivers of all databases. */
function advice(messages: readonly Message[]): string {
  const missing = [...new Set(messages.map(missingIn))].filter((name) => name !== undefined);
  if (missing.length === 0) return "";
  return `; what a package only asks for at times may be left out as external: ${missing.join(", ")}`;
}

/** The package that another one lacks, or the one that looks for files of its own that are not there. */
function missingIn({ text, location }: Message): string | undefined {
  const [, asking] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(location?.file ?? "") ?? [];
  if (asking === undefined) return undefined;
  return text.startsWith("Could not resolve require(") ? asking : /^Could not resolve "([^"]+)"/.exec(text)?.[1];
}

/** Whether all that is wrong is that CommonJS has no `import.meta`. */
export function lacksImportMeta(error: unknown): boolean {
  const messages = error instanceof BuildError ? messagesOf(error.cause) : [];
  return messages.length > 0 && messages.every(({ id }) => id === "empty-import-meta");
}

/** esbuild throws an Error with `errors`; its class is not exported. */
function messagesOf(error: unknown): readonly Message[] {
  if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) return [];
  return error.errors;
}

function sentence({ text, location }: Message): string {
  const what = text.replace(/[.\s]+$/, "");
  return location ? `${what} (${location.file}:${location.line}:${location.column + 1})` : what;
}
