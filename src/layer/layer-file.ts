import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArchiveEntry } from "../platform/archive.ts";
import { packageRoot } from "../platform/package-root.ts";

/** A file of the folder `layer` that goes into layers as it is. */
export interface LayerFile {
  readonly from: string;
  readonly to: string;
  readonly mode: number;
}

export async function layerFile({ from, to, mode }: LayerFile): Promise<ArchiveEntry> {
  return { type: "file", path: to, mode, content: await readFile(join(packageRoot(), "layer", from)) };
}
