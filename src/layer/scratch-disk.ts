import { execFile, spawnSync } from "node:child_process";
import { mkdir, open, readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { BuildError } from "./build-error.ts";

/** A file system of its own, to read from as if for the first time. */
export interface ScratchDisk {
  readonly path: string;
  /** Nothing of any file is in memory afterwards. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Room for three engines. */
const diskBytes = 600_000_000;

/** Makes a file system in a file, on a device that reads as far ahead as told. Only root may. */
export async function openScratchDisk(
  folder: string,
  { readaheadBytes }: { readonly readaheadBytes: number },
): Promise<ScratchDisk> {
  const image = join(folder, "disk.img");
  const path = join(folder, "disk");
  await mkdir(path);
  await writeFile(image, "");
  await truncate(image, diskBytes);
  await tool("mkfs.ext4", ["-q", "-F", "-O", "^has_journal", image]);
  const device = (await tool("losetup", ["--find", "--show", "--direct-io=on", image])).trim();
  let isOpen = true;
  // Whoever is interrupted leaves no device behind; before the folder goes, in which it is mounted.
  process.prependOnceListener("exit", () => {
    if (isOpen) for (const [command, args] of undo(path, device)) spawnSync(command, args, { env: withTools() });
  });
  try {
    await tool("blockdev", ["--setra", `${readaheadBytes / 512}`, device]);
    await tool("mount", [device, path]);
  } catch (error) {
    isOpen = false;
    await tool("losetup", ["--detach", device]);
    throw error;
  }
  return {
    path,
    forget: async () => {
      // Not by mounting it again: a process with a mount namespace of its own may hold on to it, and to what was read.
      const files = await readdir(path, { recursive: true, withFileTypes: true });
      for (const file of files) if (file.isFile()) await forget(join(file.parentPath, file.name));
    },
    close: async () => {
      isOpen = false;
      for (const [command, args] of undo(path, device)) await tool(command, args);
    },
  };
}

/** Drops what is in memory of a file that nobody has open, which takes no rights. */
export async function forget(file: string): Promise<void> {
  const handle = await open(file, "r+");
  // What a disk has not got yet cannot be dropped.
  await handle.sync().finally(() => handle.close());
  await tool("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]);
}

function undo(path: string, device: string): readonly (readonly [string, readonly string[]])[] {
  return [
    // Lazily: when this is an interruption, a process that was started from it may not have ended yet.
    ["umount", ["--lazy", path]],
    ["losetup", ["--detach", device]],
  ];
}

/** Debian keeps them where only root looks. */
function withTools(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}

async function tool(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { env: withTools() }).catch((error) => {
    const why = String(error.stderr || error.message)
      .trim()
      .split("\n")[0];
    throw new BuildError(
      "tool-failed",
      `Cannot make a disk to read from, which needs root and ${command}: ${why}`,
      error,
    );
  });
  return stdout;
}
