import { resolve } from "node:path";
import { loadModule, resolveFrom } from "../platform/module-loader.ts";
import { nodeFlags, preload } from "./node-flags.ts";

/**
 * The role for a handler's `child_process.fork(file)`. Inside a single executable, `process.execPath` is `bootstrap`
 * itself, so the child would start a second runtime; it loads the file instead, with the arguments that Node would
 * give. Flags in front of the file reach no engine here: the ones that load a module do, the rest changes nothing.
 */
export async function runForkedChild(): Promise<void> {
  const { preloads, end } = nodeFlags(process.argv.slice(2));
  process.argv.splice(1, 1 + end);
  try {
    await preload(preloads);
    const path = resolve(process.argv[1] ?? "");
    await loadModule(resolveFrom(process.cwd(), path) ?? path);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
