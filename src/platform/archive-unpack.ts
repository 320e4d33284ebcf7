import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, mkdir, open, readdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ArchiveError, type ArchiveLimits } from "./archive.ts";
import type { ListedEntry } from "./archive-directory.ts";
import { type ArchiveSource, type OpenArchive, withArchive } from "./archive-read.ts";

/** Unpacks an archive into a `directory` that is absent or empty, all or nothing: a refused archive leaves no trace. */
export function unpackZip(source: ArchiveSource, directory: string, limits: ArchiveLimits): Promise<void> {
  const goal = resolve(directory);
  const temporary = join(dirname(goal), `.${basename(goal)}-${randomUUID()}`);
  return withArchive(source, limits, async (archive) => {
    await checkFree(goal);
    try {
      await writeTree(archive, temporary);
      await rename(temporary, goal);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  });
}

async function checkFree(goal: string): Promise<void> {
  // Absent is what `rename` needs, so a failure to list is not a failure here.
  const found = await readdir(goal).catch(() => []);
  if (found.length > 0)
    throw new ArchiveError("destination-taken", `the folder "${goal}" already holds files: name an empty one`);
}

async function writeTree(archive: OpenArchive, root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const modes = directoryModes(archive.entries);
  for (const path of modes.keys()) await mkdir(join(root, path));
  for (const entry of archive.entries) if (entry.type === "file") await writeFile(archive, root, entry);
  // Last, so that no file can be written through a link.
  for (const [path, target] of archive.targets) await symlink(target, join(root, path));
  // Deepest first and after everything else, since a directory may be read-only.
  for (const [path, mode] of [...modes].reverse()) await chmod(join(root, path), mode);
  await chmod(root, 0o755);
}

/** Every directory of the archive, also those that only the names of files imply, parents first. */
function directoryModes(entries: readonly ListedEntry[]): ReadonlyMap<string, number> {
  const modes = new Map<string, number>();
  for (const { type, path, mode } of entries) {
    const parents = path.split("/").slice(0, -1);
    for (const [index] of parents.entries()) {
      const parent = parents.slice(0, index + 1).join("/");
      if (!modes.has(parent)) modes.set(parent, 0o755);
    }
    if (type === "directory") modes.set(path, mode);
  }
  return modes;
}

async function writeFile(archive: OpenArchive, root: string, entry: ListedEntry): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const file = await open(join(root, entry.path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    for await (const chunk of archive.content(entry)) await file.writeFile(chunk);
    // Not by `open`, whose mode the umask cuts.
    await file.chmod(entry.mode);
  } finally {
    await file.close();
  }
}
