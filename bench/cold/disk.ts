import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { forget, openScratchDisk } from "../../src/layer/scratch-disk.ts";
import { defaultCacheDirectory } from "../../src/platform/package-root.ts";
import type { ColdSubject } from "./layers.ts";

/** Somewhere to start from, of which nothing is in memory after `forget`. */
export interface ColdDisk {
  readonly what: string;
  readonly path: string;
  forget(subject: ColdSubject): Promise<void>;
  close(): void;
}

/** Linux's own readahead, unless somebody sets another. */
const usualReadaheadBytes = 131_072;

/** The disk of this checkout; each file is forgotten on its own, which disturbs nobody else and takes no rights. */
export async function ownDisk(): Promise<ColdDisk> {
  await mkdir(defaultCacheDirectory(), { recursive: true });
  const path = mkdtempSync(join(defaultCacheDirectory(), "bench-cold-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  return {
    what: `this disk, which reads ${await readahead(path)} ahead`,
    path,
    forget: async ({ files, name }) => {
      for (const file of files) await forget(file);
      const left = residentBytes(files);
      if (left > 0) throw new Error(`This disk keeps ${left} bytes of "${name}" in memory: nothing here is cold`);
    },
    close: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A disk that reads ahead as far as most do; root alone can make one. */
export function usualDisk(folder: string): ColdDisk {
  const disk = openScratchDisk(folder, { readaheadBytes: usualReadaheadBytes });
  const what = `a loop device, which reads ${usualReadaheadBytes / 1_024} KiB ahead as Linux does unless told`;
  return { what, path: disk.path, forget: () => disk.forget(), close: disk.close };
}

function residentBytes(files: readonly string[]): number {
  const said = execFileSync("fincore", ["--bytes", "--noheadings", "--raw", "--output", "RES", ...files], {
    encoding: "utf8",
  });
  return said
    .trim()
    .split("\n")
    .reduce((sum, line) => sum + Number(line), 0);
}

async function readahead(path: string): Promise<string> {
  const { dev } = statSync(path);
  // The numbers of a device as Linux packs them: makedev(3).
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  for (const place of ["queue", "../queue"]) {
    const text = await readFile(`/sys/dev/block/${major}:${minor}/${place}/read_ahead_kb`, "utf8").catch(
      () => undefined,
    );
    if (text !== undefined) return `${text.trim()} KiB`;
  }
  return "nobody knows how far";
}
