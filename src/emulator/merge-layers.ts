/** `/opt`: the layers of a function, one laid over the other. */
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";

export interface ShadowedFile {
  /** As the environment sees it, such as `/opt/lib/a.so`. */
  readonly path: string;
  /** The layer whose file it is, and the one whose file is there instead, as they were named. */
  readonly layer: string;
  readonly by: string;
}

/** Merges `folders` in order into `destination`; `names` are what their layers are called. */
export function mergeLayers(
  folders: readonly string[],
  names: readonly string[],
  destination: string,
): readonly ShadowedFile[] {
  mkdirSync(destination, { mode: 0o755 });
  const owners = new Map<string, string>();
  const shadowed: ShadowedFile[] = [];
  for (const [index, folder] of folders.entries()) {
    const by = names[index] ?? folder;
    lay(folder, destination, "", (path) => {
      const layer = owners.get(path);
      if (layer !== undefined) shadowed.push({ path: `/opt/${path}`, layer, by });
      owners.set(path, by);
    });
  }
  return shadowed;
}

/** Links keep their targets, as they do in Lambda. `owned` hears of everything but folders. */
function lay(from: string, to: string, inside: string, owned: (path: string) => void): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (entry.isDirectory()) {
      if (there !== undefined && !there.isDirectory()) rmSync(target);
      if (there === undefined || !there.isDirectory()) mkdirSync(target);
      chmodSync(target, lstatSync(source).mode & 0o777);
      lay(source, target, path, owned);
      continue;
    }
    if (there !== undefined) rmSync(target, { recursive: true, force: true });
    owned(path);
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFile(source, target);
  }
}

/** Shares the bytes where the disk can do that. */
function copyFile(source: string, target: string): void {
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, lstatSync(source).mode & 0o777);
}
