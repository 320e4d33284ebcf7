import type { Entry, ZipFile } from "yauzl";
import { ArchiveError, type ArchiveLimits } from "./archive.ts";
import { checkTree, type PlacedEntry, pathOfName } from "./archive-paths.ts";

/** An entry of an archive that was found safe by its name, type and declared sizes; its content is still unread. */
export interface ListedEntry extends PlacedEntry {
  readonly mode: number;
  /** What the archive's directory needs to find the content. */
  readonly entry: Entry;
}

const entriesMaxDefault = 100_000;

/** The file type bits of a Unix mode. inode(7) */
const typeMask = 0o170000;
const types: ReadonlyMap<number, PlacedEntry["type"]> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "link"],
]);

/** "Made by" systems that write a Unix mode: 3 is Unix, 19 is macOS. APPNOTE.TXT 4.4.2 */
const unixSystems = [3, 19];

/** The entries of an archive, checked as a whole before anybody reads or writes a byte of content. */
export async function listEntries(zip: ZipFile, limits: ArchiveLimits): Promise<readonly ListedEntry[]> {
  checkCount(zip.entryCount, limits);
  const entries: Entry[] = [];
  const places = new Set<number>();
  for await (const entry of zip.eachEntry()) {
    // Before a hundred thousand names for one content take memory.
    if (places.has(entry.relativeOffsetOfLocalHeader)) throw overlapping();
    places.add(entry.relativeOffsetOfLocalHeader);
    entries.push(entry);
  }
  const listed = entries.map(listedEntry).filter(({ path }) => path !== "");
  checkTree(listed);
  checkDeclaredBytes(entries, limits);
  await checkPlaces(zip, entries);
  return listed;
}

function listedEntry(entry: Entry): ListedEntry {
  const path = pathOfName(entry.fileNameRaw);
  const namedDirectory = entry.fileNameRaw.at(-1) === 0x2f;
  const unixMode = unixSystems.includes(entry.versionMadeBy >>> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const fallback = namedDirectory ? "directory" : "file";
  const type = (unixMode & typeMask) === 0 ? fallback : types.get(unixMode & typeMask);
  if (type === undefined || (namedDirectory && type !== "directory"))
    throw unsupported(path, "is neither a file nor a directory nor a symbolic link: leave it out of the archive");
  if (entry.isEncrypted()) throw unsupported(path, "is encrypted: pack it again without a password");
  if (!entry.canDecodeFileData())
    throw unsupported(path, `uses compression method ${entry.compressionMethod}: pack it again with deflate`);
  const permissions = unixMode & 0o777;
  return { type, path, mode: unixMode === 0 ? (type === "directory" ? 0o755 : 0o644) : permissions, entry };
}

function checkCount(count: number, limits: ArchiveLimits): void {
  const entriesMax = limits.entriesMax ?? entriesMaxDefault;
  if (count > entriesMax)
    throw new ArchiveError("too-large", `it has ${count} entries and ${entriesMax} are allowed: pack fewer files`);
}

function checkDeclaredBytes(entries: readonly Entry[], limits: ArchiveLimits): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (bytes > limits.unzippedBytesMax)
    throw new ArchiveError(
      "too-large",
      `it unzips to ${bytes} bytes and ${limits.unzippedBytesMax} are allowed: leave out what the function does not need`,
    );
}

/** Overlapping entries are how a small archive unzips to any size: https://www.bamsoftware.com/hacks/zipbomb/ */
async function checkPlaces(zip: ZipFile, entries: readonly Entry[]): Promise<void> {
  const inOrder = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  checkRoom(inOrder);
  let end = 0;
  for (const entry of inOrder) {
    if (entry.relativeOffsetOfLocalHeader < end) throw overlapping();
    const header = await zip.readLocalFileHeaderPromise(entry);
    if (!header.fileName.equals(entry.fileNameRaw))
      throw new ArchiveError("damaged", "it names one entry in two ways: do not trust whoever made it");
    end = header.fileDataStart + entry.compressedSize;
  }
}

/** A local header without its name. APPNOTE.TXT 4.3.7 */
const localHeaderBytes = 30;

/** What the directory alone gives away, before a header is read for each of many thousand names. */
function checkRoom(inOrder: readonly Entry[]): void {
  let end = 0;
  for (const { relativeOffsetOfLocalHeader, fileNameRaw, compressedSize } of inOrder) {
    if (relativeOffsetOfLocalHeader < end) throw overlapping();
    end = relativeOffsetOfLocalHeader + localHeaderBytes + fileNameRaw.length + compressedSize;
  }
}

function overlapping(): ArchiveError {
  return new ArchiveError("damaged", "its entries overlap, as in a zip bomb: do not trust whoever made it");
}

function unsupported(path: string, why: string): ArchiveError {
  return new ArchiveError("unsupported-entry", `its entry "${path}" ${why}`);
}
