import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { BuildError } from "./build-error.ts";
import { bundle, bytesByInput } from "./bundle.ts";

/** A function's entry file, or its folder: `main` of its package.json, else an index file. */
export type FunctionSource = { readonly entry: string } | { readonly directory: string };

/** What a build of a function wrote. */
export interface BuiltFunction {
  readonly outDir: string;
  /** The module to name in the handler setting: `index.handler` stands for either. */
  readonly file: "index.mjs" | "index.cjs";
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Bytes that each source file brings, by its path relative to the function, largest first. */
  readonly bytesByInput: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

const indexFiles = ["index.ts", "index.mts", "index.mjs", "index.js", "index.cts", "index.cjs"];

/** Everything that a build may have left in its folder; an `index.mjs` of yesterday would win over today's `index.cjs`. */
const outputs = ["index.mjs", "index.mjs.map", "index.cjs", "index.cjs.map"];

/** Bundles a function, TypeScript or JavaScript, into one file with its source map beside it. */
export async function buildFunction(options: FunctionSource & { readonly outDir: string }): Promise<BuiltFunction> {
  const entry = resolve("entry" in options ? options.entry : await entryOf(options.directory));
  const outDir = resolve(options.outDir);
  if (outDir === dirname(entry))
    throw new BuildError("bad-option", `Cannot build "${entry}" into its own folder: name another one to write to`);
  const format = await formatOf(entry);
  const file = format === "esm" ? "index.mjs" : "index.cjs";
  const root = "entry" in options ? dirname(entry) : resolve(options.directory);
  const built = await bundle({ entry, root, outFile: join(outDir, file), format, sourceMap: "beside" });
  const files = [
    { path: file, content: built.code },
    { path: `${file}.map`, content: built.map ?? new Uint8Array() },
  ];
  await mkdir(outDir, { recursive: true });
  for (const name of outputs) await rm(join(outDir, name), { force: true });
  for (const { path, content } of files) await writeFile(join(outDir, path), content);
  return {
    outDir,
    file,
    files: files.map(({ path, content }) => ({ path, bytes: content.byteLength })),
    bytesByInput: bytesByInput(built),
    warnings: built.warnings,
  };
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
async function formatOf(entry: string): Promise<"esm" | "cjs"> {
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
