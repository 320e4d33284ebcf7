import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Metafile } from "esbuild";
import { defaultCacheDirectory, sourceFile } from "../platform/package-root.ts";
import type { Bundle } from "./bundle.ts";
import { bundleProgram } from "./bundle-program.ts";
import { cached } from "./cache.ts";
import { type Architecture, type Engine, engineOf } from "./engine.ts";
import { type Packager, writeExecutable } from "./executable.ts";
import { keepGlobals } from "./kept-globals.ts";

/** A program that is bundled already: one CommonJS file, and what esbuild says of it, with paths from this package's root. */
export type Program = Pick<Bundle, "code" | "metafile">;

/** How to make a bootstrap. */
export interface BootstrapOptions {
  readonly arch: Architecture;
  /** The program: this package's own runtime unless told. */
  readonly entry?: string | Program;
  /** A folder laid out as the npm packages of Node are; the installed engine unless told. */
  readonly engine?: string;
  /** The same Node for this machine, where the engine is for another; the Node that builds unless told. */
  readonly generator?: string;
  /** "node" unless told. */
  readonly packager?: Packager;
  readonly cacheDirectory?: string;
}

/** A bootstrap as it lies in the cache: read it at once, a later build may drop it. */
export interface BuiltBootstrap {
  readonly file: string;
  readonly from: "build" | "cache";
  readonly engine: Engine;
  readonly metafile: Metafile;
}

/** Bundles the runtime and makes it one executable file with its engine, or gives the one that was made before. */
export async function buildBootstrap(options: BootstrapOptions): Promise<BuiltBootstrap> {
  const engine = await engineOf(options.arch, options.engine);
  const { code, metafile } = await programOf(options.entry);
  const directory = options.cacheDirectory ?? defaultCacheDirectory();
  const { generator = process.execPath, packager = "node" } = options;
  const inputs = [code, packager, engine.version, await hashOf(engine.node)];
  const { file, from } = await cached({ directory, kind: "bootstrap" }, inputs, (temporary) =>
    writeExecutable(temporary, { engine, program: code, generator, packager }),
  );
  return { file, from, engine, metafile };
}

/** What was bundled already, or what is bundled now. */
export async function programOf(entry: string | Program | undefined): Promise<Program> {
  return typeof entry === "object" ? entry : bundleBootstrap(entry);
}

/** The program of a bootstrap: one CommonJS file, since that is what an executable of Node 24 starts. */
export function bundleBootstrap(entry?: string): Promise<Bundle> {
  // Somebody else's may have the function in it.
  return entry === undefined ? bundleProgram(sourceFile("src/runtime/main"), keepGlobals) : bundleProgram(entry);
}

/** A tenth of a second for a real engine: cheaper than to find out later that somebody changed it. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1_048_576 })) hash.update(chunk);
  return hash.digest("hex");
}
