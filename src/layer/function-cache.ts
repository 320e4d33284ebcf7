import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { codeCacheFile } from "../platform/code-cache.ts";
import { type FunctionOnDisk, openWarmUp, type WarmUp } from "./warm-up.ts";

/** A cache that was written beside the function, or the reason why there is none. */
export type BuiltCache = {
  readonly warnings: readonly string[];
  readonly invocations: number;
} & (
  | { readonly type: "cached"; readonly path: string; readonly bytes: number }
  | { readonly type: "absent"; readonly reason: string }
);

/**
 * Runs the function on the engine that it will run on, without network and without credentials, and keeps the code that
 * V8 has compiled by then. A function that fails at that is built all the same: what ran until then is kept.
 */
export async function buildFunctionCache(options: FunctionOnDisk): Promise<BuiltCache> {
  const { folder, file, engine } = options;
  const target = codeCacheFile(file, `v${engine.version}`, engine.arch === "arm64" ? "arm64" : "x64");
  await rm(join(folder, target), { force: true });
  const warmUp = await openWarmUp();
  try {
    const first = await warmedUp(warmUp, options);
    const cut = first.warnings.length > 0 && !existsSync(join(folder, target));
    // A function that did not survive its events may survive its initialisation.
    const again = cut && options.events.length > 0;
    const { invocations, warnings } = again ? merged(first, await warmedUp(warmUp, { ...options, events: [] })) : first;
    if (!existsSync(join(folder, target)))
      return { type: "absent", reason: warnings.at(-1) ?? "the function was not loaded", invocations, warnings };
    const check = await warmUp.check(options);
    if (check.code !== 0) {
      await rm(join(folder, target), { force: true });
      return { type: "absent", reason: `the engine does not take it back (${check.said})`, invocations, warnings };
    }
    return { type: "cached", path: target, bytes: statSync(join(folder, target)).size, invocations, warnings };
  } finally {
    warmUp.close();
  }
}

interface WarmedUp {
  readonly invocations: number;
  readonly warnings: readonly string[];
}

function merged(first: WarmedUp, second: WarmedUp): WarmedUp {
  return { invocations: 0, warnings: [...first.warnings, ...second.warnings] };
}

async function warmedUp(warmUp: WarmUp, options: FunctionOnDisk): Promise<WarmedUp> {
  const { invocations, failures } = await warmUp.run("warm-up", options);
  return { invocations, warnings: [...new Set(failures)] };
}
