import { statSync, watch } from "node:fs";
import { basename } from "node:path";

/** An editor writes a file in several steps, and a formatter follows: what comes within this is one change. */
const quietMs = 100;

/** Folders and files whose changes are nobody's edit. */
const ignored = /(^|\/)(node_modules|\.git)(\/|$)|(~|\.sw[a-z]|\.tmp|\/4913)$/;

/** Tells of changes in a folder or of a file, one after another: while `changed` works, further changes wait. */
export function watchSources(path: string, changed: (files: readonly string[]) => Promise<void>): Disposable {
  const files = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let working = false;
  const work = async () => {
    if (working) return;
    working = true;
    while (files.size > 0) {
      const names = [...files].sort();
      files.clear();
      await changed(names);
    }
    working = false;
  };
  const watcher = watch(path, { recursive: statSync(path).isDirectory() }, (_event, name) => {
    const file = name ?? basename(path);
    if (ignored.test(file)) return;
    files.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => void work(), quietMs);
  });
  // A folder that goes away while it is watched is a change like any other, and its next build says so.
  watcher.on("error", () => {});
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      files.clear();
      watcher.close();
    },
  };
}
