/** What a function's folders hold, looked at once before anything runs. */
import { lstatSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

export interface MeasuredCode {
  /** Of files; links hold nothing. */
  readonly bytes: number;
  /** Files and folders that Lambda's user cannot read, as the environment sees them. DG/troubleshooting-deployment.html */
  readonly unreadable: readonly string[];
}

/** `folders` by the path at which the environment sees them. */
export function measureCode(folders: readonly (readonly [path: string, folder: string])[]): MeasuredCode {
  let bytes = 0;
  const unreadable: string[] = [];
  for (const [path, root] of folders) {
    walk(root, (file, { mode, size, isFolder }) => {
      if (!isFolder) bytes += size;
      const needed = isFolder ? 0o005 : 0o004;
      if (process.platform !== "win32" && (mode & needed) !== needed) unreadable.push(join(path, relative(root, file)));
    });
  }
  return { bytes, unreadable };
}

interface Found {
  readonly mode: number;
  readonly size: number;
  readonly isFolder: boolean;
}

function walk(folder: string, found: (path: string, facts: Found) => void): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() && !entry.isFile()) continue;
    const path = join(folder, entry.name);
    const { mode, size } = lstatSync(path);
    found(path, { mode, size, isFolder: entry.isDirectory() });
    if (entry.isDirectory()) walk(path, found);
  }
}
