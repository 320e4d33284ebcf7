/** Where is kept what is made once for all runs: a folder of this user's, and for how long. */
import { randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { PackedFile } from "./file-pack.ts";

/** What has not been used for so long belongs to a version that nobody runs any more. */
const unusedMsMax = 28 * 24 * 60 * 60 * 1000;

/** What a program brings inside cannot be read, or there is no folder to keep it or what is built in. */
export class BroughtFilesError extends Error {
  override readonly name = "BroughtFilesError";
}

/**
 * The folder `name` with these files, unpacked where it is not yet. Whole or absent at any moment: of two programs that
 * unpack the same at once, one is quicker, and both find equal bytes.
 */
export function keptFolder(name: string, files: () => readonly PackedFile[]): string {
  const cache = userCacheFolder();
  const folder = join(cache, name);
  if (markUsed(folder)) return folder;
  const temporary = mkdtempSync(join(cache, `.${name}-`));
  try {
    for (const { path, mode, content } of files()) {
      const file = join(temporary, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode });
    }
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  removeUnused(cache);
  return folder;
}

/** Whether something is kept under this path, which counts as used now. */
export function markUsed(path: string): boolean {
  const now = new Date();
  try {
    utimesSync(path, now, now);
    return true;
  } catch {
    // A cache that somebody else keeps can be read, and its dates are theirs.
    return existsSync(path);
  }
}

/** Removes what no run has used for four weeks; many may do so at once, and what is used meanwhile is put back. */
export function removeUnused(cache: string): void {
  for (const path of readdirSync(cache).map((name) => join(cache, name))) {
    if (!isUnused(path)) continue;
    const away = join(cache, `.removed-${randomUUID()}`);
    try {
      // Out of the way before it is taken apart: who looks for it now finds it whole or not at all.
      renameSync(path, away);
      if (isUnused(away)) rmSync(away, { recursive: true, force: true });
      else renameSync(away, path);
    } catch {
      // Somebody else removed it, or put another in its place.
      rmSync(away, { recursive: true, force: true });
    }
  }
}

function isUnused(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.mtimeMs < Date.now() - unusedMsMax;
}

/** `bootlace` among this user's caches, or in the folder for temporary files where there is no home to write to. */
export function userCacheFolder(): string {
  const kept = cachesOfUser().map((folder) => join(folder, "bootlace"));
  const substitute = join(tmpdir(), `bootlace-${process.getuid?.()}`);
  const found = kept.find(madeOrThere) ?? [substitute].find((folder) => madeOrThere(folder) && isOursAlone(folder));
  if (found !== undefined) return found;
  throw new BroughtFilesError(
    `Cannot keep what is made once for all runs, in "${[...kept, substitute].join('" or "')}": set XDG_CACHE_HOME to a folder of yours that can be written to`,
  );
}

function cachesOfUser(): readonly string[] {
  const { XDG_CACHE_HOME: named } = process.env;
  // Others are to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  if (named !== undefined && isAbsolute(named)) return [named];
  try {
    return [join(homedir(), ".cache")];
  } catch {
    // A user without a name, as containers have them.
    return [];
  }
}

function madeOrThere(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** In a folder that everybody may write to, somebody else may have come first. */
function isOursAlone(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
