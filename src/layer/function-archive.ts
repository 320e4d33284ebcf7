import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeZip } from "../platform/archive-write.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { limits } from "../protocol/limits.ts";
import { BuildError } from "./build-error.ts";
import { type BuiltFunction, buildFunction, type FunctionOptions, type FunctionSource } from "./build-function.ts";
import { type Architecture, engineOf } from "./engine.ts";
import { type BuiltCache, buildFunctionCache } from "./function-cache.ts";
import { type BundleShare, bundleShares } from "./function-summary.ts";
import { cutsOffNetwork } from "./hermetic.ts";
import { type LateModules, letModulesWait } from "./late-function.ts";

/** How to make a function's zip. */
export interface FunctionArchiveOptions extends Omit<FunctionOptions, "outDir"> {
  readonly outFile: string;
  readonly cache: CacheChoice;
  /** Lambda's limit unless told, of which the function's layers need their part. */
  readonly unzippedBytesMax?: number;
}

/** Whether the function is run while it is built, for the compiled code that travels with it and for what it touches. */
export type CacheChoice =
  | "none"
  | {
      readonly handler: string;
      /** Files with sample events; those of the function's folder unless told. */
      readonly events?: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
      readonly arch: Architecture;
      /** Whether Node's modules that no sample event touches wait until something does. They do unless told. */
      readonly lateModules?: boolean;
      /** A folder laid out as the npm packages of Node are; the installed engine unless told. */
      readonly engine?: string;
    };

/** A function's zip that was written. */
export interface FunctionArchive {
  readonly file: string;
  readonly zippedBytes: number;
  readonly unzippedBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly module: BuiltFunction["file"];
  readonly entries: readonly { readonly path: string; readonly bytes: number }[];
  readonly shares: readonly BundleShare[];
  readonly cache: BuiltCache;
  readonly lateModules: LateModules;
  readonly warnings: readonly string[];
}

/** As for layers: large functions are few, and their bytes are loaded at every cold start. */
const level = 9;

/** Bundles a function, warms it up, and packs both into a zip: what `/var/task` will be. */
export async function buildFunctionArchive(options: FunctionSource & FunctionArchiveOptions): Promise<FunctionArchive> {
  const { cache: choice, outFile } = options;
  const folder = temporaryFolder("bootlace-function-");
  try {
    const format = options.format ?? (choice === "none" ? "source" : "cacheable");
    const built = await buildFunction({ ...options, outDir: folder.path, format, goes: "elsewhere" });
    const { cache, lateModules } = await warmedUp(options, built, choice);
    const paths = [...built.files.map(({ path }) => path), ...(cache.type === "cached" ? [cache.path] : [])];
    const contents = await Promise.all(
      paths.map(async (path) => ({
        type: "file" as const,
        path,
        mode: path.endsWith(".node") ? 0o755 : 0o644,
        content: await readFile(join(folder.path, path)),
      })),
    );
    const unzippedBytes = contents.reduce((sum, { content }) => sum + content.length, 0);
    refuseTooLarge(outFile, unzippedBytes, options.unzippedBytesMax ?? limits.packageUnzippedBytesMax);
    const zip = await writeZip(contents, { level });
    await mkdir(dirname(resolve(outFile)), { recursive: true });
    await writeFile(outFile, zip);
    return {
      file: outFile,
      zippedBytes: zip.length,
      unzippedBytes,
      sha256: createHash("sha256").update(zip).digest("hex"),
      module: built.file,
      entries: contents.map(({ path, content }) => ({ path, bytes: content.length })),
      shares: bundleShares(built.metafile),
      cache,
      lateModules,
      warnings: [...built.warnings, ...uploadWarnings(zip.length)],
    };
  } finally {
    folder.remove();
  }
}

/** Samples that lie with a function: `event.json`, and what is in `events/`. */
export function sampleEvents(source: FunctionSource): readonly string[] {
  const directory = resolve("entry" in source ? dirname(source.entry) : source.directory);
  const one = join(directory, "event.json");
  const several = join(directory, "events");
  return [
    ...(existsSync(one) ? [one] : []),
    ...(existsSync(several) ? readdirSync(several) : [])
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => join(several, name)),
  ];
}

interface WarmedUp {
  readonly cache: BuiltCache;
  readonly lateModules: LateModules;
}

async function warmedUp(
  options: FunctionSource & FunctionArchiveOptions,
  built: BuiltFunction,
  choice: CacheChoice,
): Promise<WarmedUp> {
  if (choice === "none") return notRun("it was not asked for");
  if (built.file === "index.mjs")
    return notRun(built.notCacheable ?? "compiled code can be kept for CommonJS alone, and this is an ES module");
  const engine = await engineOf(choice.arch, choice.engine).catch((error) => {
    // Compiled code is worth some milliseconds, not a build.
    if (choice.engine === undefined && error instanceof BuildError) return error;
    throw error;
  });
  if (engine instanceof BuildError) return notRun(engine.message);
  const { handler, environment } = choice;
  const events = choice.events ?? sampleEvents(options);
  const run = events.map((file) => resolve(file));
  // A function that reaches the network may do at build time what it is only meant to do in production.
  const harmless = run.length === 0 || cutsOffNetwork();
  const onDisk = {
    folder: built.outDir,
    file: built.file,
    handler,
    environment,
    engine,
    events: harmless ? run : [],
  };
  const lateModules: LateModules =
    choice.lateModules === false ? { type: "eager", reason: "it was asked for" } : await letModulesWait(onDisk);
  const cache = await buildFunctionCache(onDisk);
  if (harmless) return { cache, lateModules };
  const why = "the sample events were not run, since this machine cannot keep a process from its network";
  return { cache: { ...cache, warnings: [why, ...cache.warnings] }, lateModules };
}

function notRun(reason: string): WarmedUp {
  return {
    cache: { type: "absent", reason, invocations: 0, warnings: [] },
    lateModules: { type: "eager", reason: "the function was not run" },
  };
}

function refuseTooLarge(outFile: string, bytes: number, bytesMax: number): void {
  if (bytes > bytesMax)
    throw new BuildError(
      "too-large",
      `Cannot write "${outFile}": it would unzip to ${bytes} bytes and ${bytesMax} are allowed, leave out dependencies`,
    );
}

/** A request may not carry more, but a bucket may. */
function uploadWarnings(zippedBytes: number): readonly string[] {
  if (zippedBytes <= limits.packageZipBytesMax) return [];
  return [`The zip has ${zippedBytes} bytes and a request takes ${limits.packageZipBytesMax}: upload it through S3`];
}
