import { crc32 } from "node:zlib";
import { type ArchiveEntry, ArchiveError } from "./archive.ts";
import { checkLinks, checkTree, pathOfName } from "./archive-paths.ts";
import { type Compression, deflated } from "./deflate.ts";

/** The parts of a date in the format: 1980-01-01, 12:00. Its oldest day; noon, since readers take it as local time. */
const fixedDate = 0x0021;
const fixedTime = 0x6000;

/** Names are UTF-8, and modes are those of Unix. */
const utf8Flag = 0x0800;
const versionNeeded = 20;
const madeByUnix = (3 << 8) | versionNeeded;
const methods = { stored: 0, deflated: 8 } as const;

/**
 * A zip whose bytes depend on the entries and the level alone: sorted by path, one fixed time, Unix modes. Source of
 * the format: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
 */
export async function writeZip(
  entries: readonly ArchiveEntry[],
  options: { readonly level: Compression },
): Promise<Buffer> {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  check(sorted);
  const bodies = await deflated(
    sorted.map((entry) => (entry.type === "file" ? entry.content : new Uint8Array())),
    options.level,
  );
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [index, entry] of sorted.entries()) {
    const record = recordOf(entry, bodies[index]);
    directory.push(centralHeader(record, offset));
    const local = [localHeader(record), record.body];
    parts.push(...local);
    offset += local.reduce((sum, { length }) => sum + length, 0);
  }
  const end = endRecord(sorted.length, offset, directory);
  return Buffer.concat([...parts, ...directory, end]);
}

/** What `readZip` would refuse is not written. */
function check(entries: readonly ArchiveEntry[]): void {
  try {
    const crooked = entries.find(({ path }) => path === "" || pathOfName(Buffer.from(path)) !== path);
    if (crooked)
      throw new ArchiveError("unsafe-name", `its entry "${crooked.path}" is no plain relative path: rename it`);
    checkTree(entries);
    checkLinks(new Map(entries.flatMap((entry) => (entry.type === "link" ? [[entry.path, entry.target]] : []))));
    // Beyond either, the format needs its 64 bit variant; Lambda's own limit is far below.
    const bytes = entries.reduce((sum, entry) => sum + (entry.type === "file" ? entry.content.byteLength : 0), 0);
    if (entries.length >= 0xffff || bytes >= 0xf0000000)
      throw new ArchiveError("too-large", "it has more than 65534 entries or 3.75 GiB: leave something out");
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new ArchiveError(error.code, `Cannot write the archive: ${error.message}`, error);
  }
}

interface ZipRecord {
  readonly name: Buffer;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly body: Buffer;
  readonly method: number;
}

function recordOf(entry: ArchiveEntry, body: Uint8Array = new Uint8Array()): ZipRecord {
  const stored = { method: methods.stored };
  switch (entry.type) {
    case "directory": {
      const nothing = Buffer.alloc(0);
      return {
        ...stored,
        name: Buffer.from(`${entry.path}/`),
        mode: 0o040000 | entry.mode,
        content: nothing,
        body: nothing,
      };
    }
    case "link": {
      const target = Buffer.from(entry.target);
      return { ...stored, name: Buffer.from(entry.path), mode: 0o120777, content: target, body: target };
    }
    case "file": {
      const whole = { name: Buffer.from(entry.path), mode: 0o100000 | entry.mode, content: entry.content };
      return { ...whole, method: methods.deflated, body: asBuffer(body) };
    }
  }
}

/** The fields that both headers share, from "version needed" to "extra field length". */
function common({ name, content, body, method }: ZipRecord): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(versionNeeded, 0);
  fields.writeUInt16LE(utf8Flag, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt16LE(fixedTime, 6);
  fields.writeUInt16LE(fixedDate, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(body.length, 14);
  fields.writeUInt32LE(content.byteLength, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function localHeader(record: ZipRecord): Buffer {
  return Buffer.concat([Buffer.from("PK\x03\x04"), common(record), record.name]);
}

function centralHeader(record: ZipRecord, offset: number): Buffer {
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(madeByUnix);
  const rest = Buffer.alloc(14);
  // Unix keeps the mode in the upper half of the external attributes.
  rest.writeUInt32LE((record.mode << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([Buffer.from("PK\x01\x02"), madeBy, common(record), rest, record.name]);
}

function endRecord(entries: number, offset: number, directory: readonly Buffer[]): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return end;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
