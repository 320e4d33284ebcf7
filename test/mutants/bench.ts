/**
 * A process that runs the core's tests against mutants, one after the other, in fresh copies of all modules: a mutant costs
 * the loading of some small modules and the tests up to the first that fails, but no process of its own and no files.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Mutant } from "./mutant.ts";

/** A mutant, or none, and the test files in the order in which they are tried. */
export interface Question {
  readonly mutant: Mutant | undefined;
  readonly files: readonly string[];
}

/** Nonsense is code that no Node can run, which proves nothing. */
export type Finding =
  | { readonly outcome: "survived" }
  | { readonly outcome: "nonsense"; readonly message: string }
  | { readonly outcome: "killed"; readonly by: string };

type Body = () => unknown;

const root = join(import.meta.dirname, "../..");
const copies = [pathToFileURL(join(root, "src/")).href, pathToFileURL(join(root, "test/")).href];
const stripped = new Map<string, string>();
let question = 0;
let mutated: Mutant | undefined;
let tests: Body[] = [];

/** In place of uvu's own suites, which belong to the whole process. */
Object.assign(globalThis, {
  collect: () => Object.assign((_: string, body: Body) => void tests.push(body), { run() {}, after() {} }),
});
const uvu = "data:text/javascript,export const suite = globalThis.collect;";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "uvu") return { url: uvu, format: "module", shortCircuit: true };
    const resolved = next(specifier, context);
    const copied = copies.some((copy) => resolved.url.startsWith(copy));
    return copied ? { ...resolved, url: `${resolved.url.split("?")[0]}?question=${question}` } : resolved;
  },
  load(url, context, next) {
    if (!url.includes("?question=")) return next(url, context);
    return { format: "module", source: sourceOf(fileURLToPath(url)), shortCircuit: true };
  },
});

const reply = process.send?.bind(process);
// What test files tell the runner, when there is one, is nothing to whoever asks here.
Object.assign(process, { send: undefined });
process.on("message", async (asked: Question) => reply?.(await answer(asked)));

async function answer({ mutant, files }: Question): Promise<Finding> {
  question += 1;
  mutated = mutant;
  for (const file of files) {
    tests = [];
    try {
      await import(pathToFileURL(join(root, file)).href);
      for (const body of tests) await body();
    } catch (error) {
      const message = String(error);
      return /^SyntaxError|is not defined|ERR_INVALID_TYPESCRIPT/.test(message)
        ? { outcome: "nonsense", message }
        : { outcome: "killed", by: file };
    }
  }
  return { outcome: "survived" };
}

/** Without its types, which are taken off once; a mutant's file is put together anew. */
function sourceOf(path: string): string {
  if (mutated !== undefined && path === join(root, mutated.file)) {
    const { find, replace } = mutated;
    return stripTypeScriptTypes(readFileSync(path, "utf8").replace(find, () => replace));
  }
  const known = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, "utf8"));
  stripped.set(path, known);
  return known;
}
