import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import { type ArchiveEntry, ArchiveError } from "./archive.ts";
import { checkLinks, checkTree, pathOfName } from "./archive-paths.ts";

/** The oldest time that a zip can say. Local, because zip times are; noon, because some zones skip a midnight. */
const fixedTime = new Date(1980, 0, 1, 12);

/** A zip whose bytes depend on the entries and the level (0 to 9) alone: sorted by path, one fixed time, Unix modes. */
export async function writeZip(entries: readonly ArchiveEntry[], options: { readonly level: number }): Promise<Buffer> {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  check(sorted);
  const zip = new ZipFile();
  const failed = new Promise<never>((_, reject) => zip.on("error", reject));
  for (const entry of sorted) addEntry(zip, entry, options.level);
  zip.end();
  return await Promise.race([buffer(zip.outputStream), failed]);
}

/** What `readZip` would refuse is not written. */
function check(entries: readonly ArchiveEntry[]): void {
  try {
    const crooked = entries.find(({ path }) => path === "" || pathOfName(Buffer.from(path)) !== path);
    if (crooked)
      throw new ArchiveError("unsafe-name", `its entry "${crooked.path}" is no plain relative path: rename it`);
    checkTree(entries);
    checkLinks(new Map(entries.flatMap((entry) => (entry.type === "link" ? [[entry.path, entry.target]] : []))));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new ArchiveError(error.code, `Cannot write the archive: ${error.message}`, error);
  }
}

function addEntry(zip: ZipFile, entry: ArchiveEntry, level: number): void {
  const common = { mtime: fixedTime, forceDosTimestamp: true };
  if (entry.type === "directory") {
    zip.addEmptyDirectory(entry.path, { ...common, mode: 0o040000 | entry.mode });
  } else if (entry.type === "link") {
    zip.addBuffer(Buffer.from(entry.target), entry.path, { ...common, mode: 0o120777, compressionLevel: 0 });
  } else {
    const mode = 0o100000 | entry.mode;
    zip.addBuffer(asBuffer(entry.content), entry.path, { ...common, mode, compressionLevel: level });
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
