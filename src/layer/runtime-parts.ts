import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { Metafile } from "esbuild";
import { manifest } from "../../layer/manifest.ts";
import type { ArchiveEntry } from "../platform/archive.ts";
import { defaultCacheDirectory } from "../platform/package-root.ts";
import { type BootstrapOptions, buildBootstrap, programOf } from "./build-bootstrap.ts";
import { type Engine, engineOf } from "./engine.ts";
import { compileLauncher } from "./launcher.ts";
import { compileLibatomic, libatomicName, needsLibatomic } from "./libatomic.ts";
import { pagesToAskFor, prefetchListOf } from "./prefetch-list.ts";
import { codeStarter, takeProgramCode } from "./program-code.ts";
import { strippedEngine } from "./stripped-engine.ts";

/**
 * How the runtime lies in a layer. "single": `bootstrap` is the engine with the program inside. "launcher": `bootstrap`
 * is a program of some kilobytes that reads what a start will touch and starts a plain `bin/node` with the program.
 */
export const shapes = ["launcher", "single"] as const;
export type Shape = (typeof shapes)[number];

/** How to make the runtime of a layer. */
export interface RuntimeOptions extends BootstrapOptions {
  /** "single" unless told, which needs no compiler. */
  readonly shape?: Shape;
  /** A list that was recorded from this very engine; without one, a launcher only starts it. */
  readonly prefetchList?: string;
}

/** The files of a runtime, and what they were made of. */
export interface RuntimeParts {
  readonly entries: readonly ArchiveEntry[];
  readonly metafile: Metafile;
  readonly engine: Engine;
}

/** Makes everything that a layer needs to run functions. */
export async function runtimeParts(options: RuntimeOptions): Promise<RuntimeParts> {
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const engine = await engineOf(options.arch, options.engine);
  const stripped = await strippedEngine(engine);
  const libraries = needsLibatomic(stripped)
    ? [file(posix.join(manifest.places.libraries, libatomicName), 0o755, await libatomic())]
    : [];
  const { entries, metafile } =
    options.shape === "launcher"
      ? await launched(options, { engine, stripped, libraries }, cacheDirectory)
      : await single({ ...options, cacheDirectory });
  return { entries: [...entries, ...libraries], metafile, engine };

  function libatomic(): Promise<Buffer> {
    return compileLibatomic({ arch: options.arch, cacheDirectory });
  }
}

async function single(options: BootstrapOptions): Promise<Omit<RuntimeParts, "engine">> {
  const { file: built, metafile } = await buildBootstrap(options);
  return { entries: [file(manifest.places.bootstrap, 0o755, await readFile(built))], metafile };
}

async function launched(
  { arch, entry, prefetchList }: RuntimeOptions,
  {
    engine,
    stripped,
    libraries,
  }: { readonly engine: Engine; readonly stripped: Buffer; readonly libraries: readonly FileEntry[] },
  cacheDirectory: string,
): Promise<Omit<RuntimeParts, "engine">> {
  const list = prefetchList === undefined ? undefined : await prefetchListOf(prefetchList, engine);
  const pages = list === undefined ? [] : pagesToAskFor(list, stripped);
  const { code, metafile } = await programOf(entry);
  const { places } = manifest;
  const programs =
    entry === undefined ? await ownProgram(code, engine, cacheDirectory) : [file(places.program, 0o644, code)];
  const files = list === undefined ? [] : [...programs, ...libraries];
  const launcher = await compileLauncher({ arch, pages, files, cacheDirectory });
  return {
    entries: [file(places.bootstrap, 0o755, launcher), file(places.engine, 0o755, stripped), ...programs],
    metafile,
  };
}

/** Writes what a layer would unpack to into a folder, and gives the files. At once, so that an interruption leaves nothing behind. */
export async function writeRuntime(options: RuntimeOptions, folder: string): Promise<readonly string[]> {
  const { entries } = await runtimeParts(options);
  const files = entries.filter((entry) => entry.type === "file");
  for (const { path, mode, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode });
  }
  return files.map(({ path }) => join(folder, path));
}

/** Our own runtime, compiled: that takes a tenth off every start. Others' need a function of theirs to be run with. */
export async function ownProgram(
  program: Uint8Array,
  engine: Engine,
  cacheDirectory: string,
): Promise<readonly FileEntry[]> {
  const { places } = manifest;
  const compiled = await takeProgramCode(program, engine, cacheDirectory);
  if (compiled === undefined) return [file(places.program, 0o644, program)];
  return [file(places.program, 0o644, Buffer.from(codeStarter)), file(places.programCode, 0o644, compiled)];
}

type FileEntry = Extract<ArchiveEntry, { readonly type: "file" }>;

function file(path: string, mode: number, content: Uint8Array): FileEntry {
  return { type: "file", path, mode, content };
}
