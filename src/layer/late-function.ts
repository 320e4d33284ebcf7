import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lateBundle } from "./late-modules.ts";
import { parsedProgram } from "./parsed-program.ts";
import { builtinName, waitingModules, waitingUnseen } from "./waiting-modules.ts";
import { type FunctionOnDisk, openWarmUp, type WarmUpRun } from "./warm-up.ts";

/** The modules of Node that a function loads when it first touches them, or why there are none. */
export type LateModules =
  | { readonly type: "late"; readonly modules: readonly string[] }
  | { readonly type: "eager"; readonly reason: string };

/**
 * Lets those modules of Node wait that none of the function's sample events touches, and writes its bundle anew. What one
 * of them does touch is loaded where the program says so: an invocation would have to wait for it, and has less of a
 * processor than an initialisation.
 */
export async function letModulesWait(options: FunctionOnDisk): Promise<LateModules> {
  const isSeen = options.events.length > 0;
  const mayWait = isSeen ? waitingModules : waitingUnseen;
  const file = join(options.folder, options.file);
  const mapFile = `${file}.map`;
  const bytes = await readFile(file);
  // One byte a character, where that is all there is.
  const encoding = bytes.every((byte) => byte < 0x80) ? "latin1" : "utf8";
  const code = bytes.toString(encoding);
  const bundle = { code, map: await readFile(mapFile), parsed: parsedProgram(code) };
  const all = lateBundle(bundle, (module) => mayWait.has(module));
  if (all.modules.length === 0)
    return eager(isSeen ? "none of its imports can" : "no sample event shows what an invocation touches");
  await writeFile(file, all.code, encoding);
  const seen = await observed(options).finally(() => writeFile(file, code, encoding));
  const [failure] = seen.failures;
  if (failure !== undefined || !seen.isWhole) return eager(failure ?? "not all of its sample events come to an end");
  const touched = new Set(seen.required.map(builtinName));
  const late = lateBundle(bundle, (module) => mayWait.has(module) && !touched.has(module));
  if (late.modules.length === 0) return eager("all that can are touched");
  await writeFile(file, late.code, encoding);
  if (late.map !== undefined) await writeFile(mapFile, late.map);
  return { type: "late", modules: late.modules };
}

function eager(reason: string): LateModules {
  return { type: "eager", reason };
}

async function observed(options: FunctionOnDisk): Promise<WarmUpRun> {
  const warmUp = await openWarmUp();
  try {
    return await warmUp.run("observe", options);
  } finally {
    warmUp.close();
  }
}
