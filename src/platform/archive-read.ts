import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from "yauzl";
import { type ArchiveEntry, ArchiveError, type ArchiveLimits } from "./archive.ts";
import { type ListedEntry, listEntries } from "./archive-directory.ts";
import { checkLinks } from "./archive-paths.ts";

/** A zip file's path, or the archive itself. */
export type ArchiveSource = string | Uint8Array;

/** An archive that was found safe as a whole, open for reading its content. */
export interface OpenArchive {
  readonly entries: readonly ListedEntry[];
  /** Targets of the symbolic links by path. */
  readonly targets: ReadonlyMap<string, string>;
  /** The content of a file, refused while inflating when it is not what the archive declares. */
  content(entry: ListedEntry): AsyncIterable<Uint8Array>;
}

/** As much as Lambda takes in one upload; larger ones come from elsewhere and stay on the disk. */
const readWholeBytesMax = 52_428_800;

/** The longest target of a symbolic link. `linux/limits.h`: PATH_MAX */
const linkBytesMax = 4_095;

/** The entries of an archive in memory; refuses the archives that `unpackZip` refuses. */
export function readZip(source: ArchiveSource, limits: ArchiveLimits): Promise<readonly ArchiveEntry[]> {
  return withArchive(source, limits, async (archive) => {
    const entries: ArchiveEntry[] = [];
    for (const listed of archive.entries) entries.push(await readEntry(archive, listed));
    return entries;
  });
}

/** Opens an archive, refuses it if any entry is unsafe, and closes it when `work` is done. */
export async function withArchive<T>(
  source: ArchiveSource,
  limits: ArchiveLimits,
  work: (archive: OpenArchive) => Promise<T>,
): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openZip(source);
    const entries = await listEntries(zip, limits);
    const targets = await targetsOf(zip, entries);
    checkLinks(targets);
    const opened = zip;
    return await work({ entries, targets, content: ({ path, entry }) => inflated(opened, path, entry) });
  } catch (error) {
    throw named(source, error);
  } finally {
    zip?.close();
  }
}

async function openZip(source: ArchiveSource): Promise<ZipFile> {
  // Names stay bytes and sizes stay claims: both are checked here, in one place.
  const options = { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: false };
  // The directory is read entry by entry, which from a disk takes seconds where there are many.
  if (typeof source === "string")
    return (await stat(source)).size > readWholeBytesMax
      ? openPromise(source, options)
      : fromBufferPromise(await readFile(source), options);
  return fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.byteLength), options);
}

async function targetsOf(zip: ZipFile, entries: readonly ListedEntry[]): Promise<ReadonlyMap<string, string>> {
  const targets = new Map<string, string>();
  for (const { type, path, entry } of entries) {
    if (type !== "link") continue;
    if (entry.uncompressedSize > linkBytesMax)
      throw new ArchiveError("unsafe-link", `the target of its symbolic link "${path}" is longer than Linux allows`);
    targets.set(path, (await joined(inflated(zip, path, entry))).toString("utf8"));
  }
  return targets;
}

async function* inflated(zip: ZipFile, path: string, entry: Entry): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let checksum = 0;
  const stream: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    // Here and not at the end: the declared sizes were added up against the limit, so no content may exceed its own.
    if (bytes > entry.uncompressedSize)
      throw new ArchiveError(
        "too-large",
        `its entry "${path}" inflates to more than the ${entry.uncompressedSize} bytes it declares: do not trust whoever made it`,
      );
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (bytes !== entry.uncompressedSize || checksum !== entry.crc32)
    throw new ArchiveError("damaged", `its entry "${path}" does not match its checksum: pack or download it again`);
}

async function readEntry(archive: OpenArchive, listed: ListedEntry): Promise<ArchiveEntry> {
  const { type, path, mode } = listed;
  switch (type) {
    case "directory":
      return { type, path, mode };
    case "link":
      return { type, path, target: archive.targets.get(path) ?? "" };
    case "file":
      return { type, path, mode, content: await joined(archive.content(listed)) };
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

function named(source: ArchiveSource, error: unknown): unknown {
  const name = typeof source === "string" ? `"${basename(source)}"` : "the archive";
  if (error instanceof ArchiveError)
    return new ArchiveError(error.code, `Cannot read ${name}: ${error.message}`, error);
  if (!(error instanceof Error) || isOfTheMachine(error)) return error;
  const why = error.message.replace(/[.\s]+$/, "");
  return new ArchiveError("damaged", `Cannot read ${name}: it is damaged or no zip, pack it again (${why})`, error);
}

/** A full disk or a missing file is the machine's failure and says so itself; zlib's codes start with `Z_`. */
function isOfTheMachine(error: Error): boolean {
  return "syscall" in error;
}
