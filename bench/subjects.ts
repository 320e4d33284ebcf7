import { constants, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBootstrap, bundleBootstrap } from "../src/layer/build-bootstrap.ts";
import { bundle } from "../src/layer/bundle.ts";
import type { Architecture } from "../src/layer/engine.ts";

/** Something that speaks to the Runtime API, and how to start it. */
export interface Subject {
  readonly name: string;
  readonly what: string;
  readonly command: readonly [string, ...string[]];
  /** Added after the command: a runtime that does not read `_HANDLER`. */
  readonly handlerAsArgument: boolean;
}

/** A subject that cannot take part, and why. */
export interface Absence {
  readonly name: string;
  readonly reason: string;
}

/** Builds what is ours into `folder`. */
export async function ourSubjects(folder: string): Promise<readonly Subject[]> {
  const file = (name: string) => join(folder, name);
  const arch: Architecture = process.arch === "arm64" ? "arm64" : "x86_64";
  const built = await buildBootstrap({ arch });
  // A copy, because a build that runs meanwhile may drop the file from the cache.
  await copyFile(built.file, file("bootstrap"), constants.COPYFILE_FICLONE);
  await writeFile(file("runtime.cjs"), (await bundleBootstrap()).code);
  await writeFile(file("floor.cjs"), (await floorBundle()).code);
  const node = process.execPath;
  const own = { handlerAsArgument: false } as const;
  return [
    { ...own, name: "bootstrap", what: "the compiled bootstrap", command: [file("bootstrap")] },
    { ...own, name: "script", what: "the same program as a script of Node", command: [node, file("runtime.cjs")] },
    { ...own, name: "floor", what: "25 lines that check nothing", command: [node, file("floor.cjs")] },
  ];
}

function floorBundle() {
  const root = import.meta.dirname;
  const outFile = join(root, "floor.cjs");
  return bundle({ entry: join(root, "floor.ts"), root, outFile, format: "cjs", sourceMap: "none" });
}
