import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FunctionOptions } from "../../emulator/function-options.ts";
import { LambdaFunction } from "../../emulator/lambda-function.ts";
import { buildFunction } from "../../layer/build-function.ts";
import { temporaryFolder } from "../../platform/temporary-folder.ts";
import { checkPrograms } from "../function-options.ts";
import type { Version } from "./reloading-function.ts";

/** How the function's code becomes something to run. */
export type Sources =
  /** As it lies there. */
  | { readonly kind: "as-is" }
  /** TypeScript, bundled with what it imports. */
  | { readonly kind: "bundle"; readonly entry: string; readonly handler: string };

const typescript = [".ts", ".mts", ".cts"];
const javascript = [".mjs", ".js", ".cjs"];

/** A handler that is there as TypeScript only is bundled, as it would be for Lambda. */
export function sourcesOf({ task, handler = "index.handler" }: FunctionOptions): Sources {
  if (task === undefined) return { kind: "as-is" };
  const dot = handler.lastIndexOf(".");
  const module = join(task, handler.slice(0, dot));
  const at = (extensions: readonly string[]) => extensions.map((end) => module + end).find((file) => existsSync(file));
  const entry = at(typescript);
  if (existsSync(join(task, "bootstrap")) || at(javascript) !== undefined || entry === undefined)
    return { kind: "as-is" };
  return { kind: "bundle", entry, handler: `index${handler.slice(dot)}` };
}

/** A version, and the files outside the function's folder that it was made of. */
export interface MadeVersion {
  readonly lambda: Version & LambdaFunction;
  readonly imported: readonly string[];
}

/** The function as its sources are now. Throws what is wrong with them, as a mistake of their author. */
export async function newVersion(options: FunctionOptions, sources: Sources): Promise<MadeVersion> {
  if (sources.kind === "as-is") return { lambda: await started(options, () => {}), imported: [] };
  const out = temporaryFolder("bootlace-dev-");
  try {
    const from = dirname(sources.entry);
    const outDir = join(out.path, basename(from));
    const { metafile } = await buildFunction({ entry: sources.entry, outDir });
    const lambda = await started({ ...options, task: outDir, handler: sources.handler }, out.remove);
    const files = Object.keys(metafile.inputs).map((input) => join(from, input));
    return { lambda, imported: files.filter((file) => !/(^|\/)node_modules\//.test(file) && existsSync(file)) };
  } catch (error) {
    out.remove();
    throw error;
  }
}

async function started(options: FunctionOptions, remove: () => void): Promise<LambdaFunction> {
  const lambda = await LambdaFunction.create(options);
  const close = lambda.close.bind(lambda);
  lambda.close = () => close().finally(remove);
  try {
    checkPrograms(lambda);
  } catch (error) {
    await lambda.close();
    throw error;
  }
  return lambda;
}
