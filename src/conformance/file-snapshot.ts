import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Every file below the folders, with what changes when it is written to. */
export function filesIn(folders: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name): [string, string] => {
        const stats = statSync(join(folder, name), { throwIfNoEntry: false });
        return [join(folder, name), `${stats?.isDirectory() ? "folder" : `${stats?.size} ${stats?.mtimeMs}`}`];
      }),
    ),
  );
}

/** The files that came, went or changed. */
export function touchedFiles(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
