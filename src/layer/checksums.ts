import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** A file that was written. */
interface Written {
  readonly file: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Lines that `sha256sum --check` reads, in `SHA256SUMS`: new ones in place of those of the same names. */
export async function noteChecksums(folder: string, files: readonly Written[]): Promise<void> {
  const path = join(folder, "SHA256SUMS");
  const known = (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const names = files.map(({ file }) => basename(file));
  const others = known.filter((line) => !names.includes(line.slice(line.indexOf("  ") + 2)));
  const lines = [...others, ...files.map(({ file, sha256 }) => `${sha256}  ${basename(file)}`)];
  await writeFile(path, `${lines.join("\n")}\n`);
}
