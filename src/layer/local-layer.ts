/** The runtime layer as a folder on this machine, for those who run a function here instead of uploading it. */
import { chmodSync, constants, copyFileSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { defaultCacheDirectory } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { bundleBootstrap, hashOf } from "./build-bootstrap.ts";
import { BuildError } from "./build-error.ts";
import { cached } from "./cache.ts";
import { type Engine, engineOf, hostArchitecture } from "./engine.ts";
import { compileLauncher } from "./launcher.ts";
import { ownProgram } from "./runtime-parts.ts";
import { shellLauncher } from "./shell-launcher.ts";
import { strippedEngine } from "./stripped-engine.ts";

/** A folder that is a runnable `/opt`. It belongs to whoever asked for it. */
export interface LocalLayer {
  readonly folder: string;
  remove(): void;
}

/** Makes the folder in the shape that is released, so that a function meets here what it will meet there. */
export async function openLocalLayer(): Promise<LocalLayer> {
  const { path: folder, remove } = temporaryFolder("bootlace-opt-");
  try {
    await fill(folder);
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** With the released engine where it is installed, as in a checkout on Linux, else with this machine's own Node. */
async function fill(folder: string): Promise<void> {
  const { places } = manifest;
  const file = (name: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    return join(folder, name);
  };
  const engine = await orUndefined(engineOf(hostArchitecture));
  const { code } = await bundleBootstrap();
  if (engine === undefined) {
    place(process.execPath, file(places.engine));
    writeFileSync(file(places.program), code);
  } else {
    place(await keptEngine(engine), file(places.engine));
    const programs = await ownProgram(code, engine, defaultCacheDirectory());
    for (const { path, mode, content } of programs) writeFileSync(file(path), content, { mode });
  }
  writeFileSync(file(places.bootstrap), (await compiledLauncher()) ?? shellLauncher(), { mode: 0o755 });
}

/** As it is released; made once, since it takes a while. */
async function keptEngine(engine: Engine): Promise<string> {
  const place = { directory: defaultCacheDirectory(), kind: "engine" };
  const { file } = await cached(place, [engine.version, await hashOf(engine.node)], async (temporary) =>
    writeFile(temporary, await strippedEngine(engine), { mode: 0o755 }),
  );
  return file;
}

/** Undefined where there is no compiler: a shell starts the engine as well. */
async function compiledLauncher(): Promise<Buffer | undefined> {
  if (process.platform !== "linux") return undefined;
  const cacheDirectory = defaultCacheDirectory();
  return orUndefined(compileLauncher({ arch: hostArchitecture, pages: [], files: [], cacheDirectory }));
}

async function orUndefined<T>(made: Promise<T>): Promise<T | undefined> {
  try {
    return await made;
  } catch (error) {
    if (error instanceof BuildError) return undefined;
    throw error;
  }
}

/** A second name for a file of a hundred megabytes, or a copy where the two folders lie on different disks. */
function place(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name, constants.COPYFILE_FICLONE);
    chmodSync(name, 0o755);
  }
}
