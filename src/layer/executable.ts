import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BuildError } from "./build-error.ts";
import type { Architecture, Engine } from "./engine.ts";
import { packWithNode } from "./node-packager.ts";
import { packWithPkg } from "./pkg-packager.ts";
import { strippedEngine } from "./stripped-engine.ts";

/** Who puts the program into the engine. Node's own tools unless told; docs/BENCHMARKS.md has the comparison. */
export const packagers = ["node", "pkg"] as const;
export type Packager = (typeof packagers)[number];

/** What an executable is made of. */
export interface ExecutableParts {
  readonly engine: Engine;
  /** One CommonJS file. */
  readonly program: Uint8Array;
  /** A Node that runs here and has the engine's version: only it writes blobs that the engine reads. */
  readonly generator: string;
  readonly packager: Packager;
}

/** What a packager finds in its folder; it returns the name of the file there that it made. */
export interface Ingredients {
  readonly folder: string;
  readonly engine: string;
  readonly main: string;
  readonly generator: string;
  readonly version: string;
  readonly arch: Architecture;
}

const pack: Readonly<Record<Packager, (ingredients: Ingredients) => Promise<string>>> = {
  node: packWithNode,
  pkg: packWithPkg,
};

/** Writes an executable file that is the engine with a program inside. */
export async function writeExecutable(file: string, parts: ExecutableParts): Promise<void> {
  const { engine, program, generator, packager } = parts;
  await refuseOther(parts);
  const folder = await mkdtemp(join(tmpdir(), "bootlace-build-"));
  try {
    const names = { engine: "engine", main: "bootstrap.cjs" };
    await writeFile(join(folder, names.main), program);
    // Before the program is put in: afterwards it would be taken for debris.
    await writeFile(join(folder, names.engine), await strippedEngine(engine), { mode: 0o755 });
    const { version, arch } = engine;
    const packed = await pack[packager]({ ...names, folder, generator, version, arch });
    await copyFile(join(folder, packed), file);
    await chmod(file, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseOther({ engine, generator }: ExecutableParts): Promise<void> {
  const { stdout } = await promisify(execFile)(generator, ["--version"]);
  if (stdout.trim() === `v${engine.version}`) return;
  throw new BuildError(
    "engine-missing",
    `Cannot make an executable of Node ${engine.version} with Node ${stdout.trim()}: name a Node ${engine.version} that runs here`,
  );
}
