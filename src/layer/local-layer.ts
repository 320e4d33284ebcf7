/** The runtime layer as a folder on this machine, for those who run a function here instead of uploading it. */
import { chmodSync, constants, copyFileSync, linkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { buildBootstrap, bundleBootstrap } from "./build-bootstrap.ts";
import { BuildError } from "./build-error.ts";
import { hostArchitecture } from "./engine.ts";

/** A folder that is a runnable `/opt`. It belongs to whoever asked for it. */
export interface LocalLayer {
  readonly folder: string;
  /** How its `bootstrap` was made: one executable, or a launcher beside this machine's own Node. */
  readonly shape: "executable" | "launcher";
  remove(): void;
}

/** Makes the folder: an executable where the engine is installed, as in a checkout on Linux, else a launcher. */
export async function openLocalLayer(): Promise<LocalLayer> {
  const { path: folder, remove } = temporaryFolder("bootlace-opt-");
  try {
    return { folder, remove, shape: await fill(folder) };
  } catch (error) {
    remove();
    throw error;
  }
}

async function fill(folder: string): Promise<LocalLayer["shape"]> {
  try {
    const { file } = await buildBootstrap({ arch: hostArchitecture });
    place(file, join(folder, "bootstrap"));
    return "executable";
  } catch (error) {
    if (!(error instanceof BuildError && error.code === "engine-missing")) throw error;
  }
  const { code } = await bundleBootstrap();
  place(process.execPath, join(folder, "node"));
  writeFileSync(join(folder, "bootstrap.cjs"), code);
  writeFileSync(join(folder, "bootstrap"), launcher, { mode: 0o755 });
  return "launcher";
}

const launcher = `#!/bin/sh
here=$(dirname "$0")
exec "$here/node" "$here/bootstrap.cjs" "$@"
`;

/** A second name for a file of a hundred megabytes, or a copy where the two folders lie on different disks. */
function place(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name, constants.COPYFILE_FICLONE);
    chmodSync(name, 0o755);
  }
}
