import { readFile } from "node:fs/promises";
import { ElfError } from "../platform/elf.ts";
import { stripElf } from "../platform/elf-strip.ts";
import { BuildError } from "./build-error.ts";
import type { Engine } from "./engine.ts";

/** The engine without its symbols: 15 to 30 % smaller, and what is loaded stays where it was. */
export async function strippedEngine({ node }: Engine): Promise<Buffer> {
  try {
    return stripElf(await readFile(node));
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    throw new BuildError("engine-missing", `Cannot use the engine "${node}": ${error.message}`, error);
  }
}
