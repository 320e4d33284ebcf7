import { resolve } from "node:path";
import { loadModule, resolveFrom } from "../platform/module-loader.ts";

/**
 * The role for a handler's `child_process.fork(file)`. Inside a single executable, `process.execPath` is `bootstrap`
 * itself, so the child would start a second runtime; it loads the file instead, with the arguments that Node would give.
 */
export async function runForkedChild(file: string): Promise<void> {
  process.argv.splice(1, 1);
  const path = resolve(file);
  try {
    await loadModule(resolveFrom(process.cwd(), path) ?? path);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
