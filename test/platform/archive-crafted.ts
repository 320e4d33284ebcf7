import { crc32, deflateRawSync } from "node:zlib";

/** One entry of a crafted zip. What is not told is honest. */
export interface CraftedEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Unix mode with its type bits, in the upper half of the external attributes. */
  readonly mode?: number;
  readonly localName?: string;
  readonly declaredBytes?: number;
  readonly declaredCrc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** 3 is Unix, 0 is MS-DOS. */
  readonly madeBy?: number;
  /** Points the directory at bytes that other entries wrote, instead of writing some. */
  readonly at?: number;
}

const utf8Flag = 0x800;

/** A zip, byte by byte, that no decent writer would make. */
export function craftedZip(entries: readonly CraftedEntry[], claims: { readonly entries?: number } = {}): Buffer {
  const locals: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const entry of entries) {
    offsets.push(entry.at ?? offset);
    if (entry.at !== undefined) continue;
    const local = localPart(entry);
    locals.push(local);
    offset += local.byteLength;
  }
  const directory = Buffer.concat(entries.map((entry, index) => directoryPart(entry, offsets[index] ?? 0)));
  return Buffer.concat([...locals, directory, endPart(claims.entries ?? entries.length, directory.byteLength, offset)]);
}

function facts(entry: CraftedEntry) {
  const content = Buffer.from(entry.content ?? "");
  const method = entry.method ?? 8;
  const data = method === 8 ? deflateRawSync(content) : content;
  const fields = Buffer.alloc(22);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(entry.flags ?? utf8Flag, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(0x00210000, 6);
  fields.writeUInt32LE(entry.declaredCrc ?? crc32(content), 10);
  fields.writeUInt32LE(data.byteLength, 14);
  fields.writeUInt32LE(entry.declaredBytes ?? content.byteLength, 18);
  return { data, fields };
}

/** What stands before the directory: an entry's local header and its content. */
export function localPart(entry: CraftedEntry): Buffer {
  const { data, fields } = facts(entry);
  const name = Buffer.from(entry.localName ?? entry.name);
  const lengths = Buffer.alloc(4);
  lengths.writeUInt16LE(name.byteLength, 0);
  return Buffer.concat([Buffer.from("PK\x03\x04"), fields, lengths, name, data]);
}

function directoryPart(entry: CraftedEntry, offset: number): Buffer {
  const name = Buffer.from(entry.name);
  const madeBy = Buffer.from([20, entry.madeBy ?? 3]);
  const rest = Buffer.alloc(18);
  rest.writeUInt16LE(name.byteLength, 0);
  rest.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 10);
  rest.writeUInt32LE(offset, 14);
  return Buffer.concat([Buffer.from("PK\x01\x02"), madeBy, facts(entry).fields, rest, name]);
}

function endPart(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directoryBytes, 8);
  end.writeUInt32LE(directoryOffset, 12);
  return Buffer.concat([Buffer.from("PK\x05\x06"), end]);
}
