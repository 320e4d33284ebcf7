import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "./build-error.ts";

/** A file system of its own, to read from as if for the first time. */
export interface ScratchDisk {
  readonly path: string;
  /** Nothing of any file is in memory afterwards. */
  forget(): Promise<void>;
  close(): void;
}

/** Room for two engines in three shapes each; what is not written takes no room. */
const diskBytes = 1_000_000_000;

/**
 * Makes a file system in a file, on a device that reads as far ahead as told. Only root may. Each step is done when it
 * returns: an interruption falls between two, so that the process knows at its exit what there is to undo.
 */
export function openScratchDisk(folder: string, { readaheadBytes }: { readonly readaheadBytes: number }): ScratchDisk {
  const image = join(folder, "disk.img");
  const path = join(folder, "disk");
  mkdirSync(path);
  writeFileSync(image, "");
  truncateSync(image, diskBytes);
  tool("mkfs.ext4", ["-q", "-F", "-O", "^has_journal", image]);
  const undo: (readonly [string, readonly string[]])[] = [];
  const close = () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) tool(...step);
  };
  // Before the folder goes, in which it is mounted.
  process.prependOnceListener("exit", close);
  try {
    const device = tool("losetup", ["--find", "--show", "--direct-io=on", image]).trim();
    undo.push(["losetup", ["--detach", device]]);
    tool("blockdev", ["--setra", `${readaheadBytes / 512}`, device]);
    tool("mount", [device, path]);
    // Lazily: when this is an interruption, a process that was started from it may not have ended yet.
    undo.push(["umount", ["--lazy", path]]);
  } catch (error) {
    close();
    throw error;
  }
  return {
    path,
    close,
    forget: async () => {
      // Not by mounting it again: a process with a mount namespace of its own may hold on to it, and to what was read.
      const files = readdirSync(path, { recursive: true, withFileTypes: true });
      for (const file of files) if (file.isFile()) await forget(join(file.parentPath, file.name));
    },
  };
}

/** Drops what is in memory of a file that nobody has open, which takes no rights. */
export async function forget(file: string): Promise<void> {
  const handle = await open(file, "r+");
  // What a disk has not got yet cannot be dropped.
  await handle.sync().finally(() => handle.close());
  tool("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]);
}

function tool(command: string, args: readonly string[]): string {
  // Debian keeps them where only root looks.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  try {
    return execFileSync(command, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    const why = (said || String(error)).trim().split("\n")[0];
    throw new BuildError("tool-failed", `Cannot prepare a cold disk, which needs root and ${command}: ${why}`, error);
  }
}
