import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that goes with this process at the latest, however the process ends, short of a SIGKILL. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

const existing = new Set<string>();
let watching = false;

export function temporaryFolder(prefix: string): TemporaryFolder {
  if (!watching) process.once("exit", removeAll);
  watching = true;
  const path = mkdtempSync(join(tmpdir(), prefix));
  existing.add(path);
  return { path, remove: () => remove(path) };
}

function removeAll(): void {
  for (const path of existing) remove(path);
}

function remove(path: string): void {
  if (existing.delete(path)) rmSync(path, { recursive: true, force: true });
}
