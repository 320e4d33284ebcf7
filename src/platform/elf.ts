/**
 * Reads executables and libraries of Linux: 64 bits, little-endian, the format of everything that Lambda starts.
 * Source of the layout: the System V ABI, https://gabi.xinuos.com, and elf(5).
 */

/** A file that is no such executable, or a damaged one. */
export class ElfError extends Error {
  override readonly name = "ElfError";
}

/** What the headers say. All positions and sizes are bytes. */
export interface Elf {
  /** Lambda's name, or undefined for a processor that Lambda has not. */
  readonly architecture: "x86_64" | "arm64" | undefined;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
}

export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly bytes: number;
}

export const segmentTypes = { load: 1, dynamic: 2, interpreter: 3 } as const;

const machines: Readonly<Record<number, Elf["architecture"]>> = { 62: "x86_64", 183: "arm64" };

/** Where things stand in the three kinds of headers. */
export const fileHeader = {
  bytes: 64,
  machine: 18,
  segments: 32,
  sections: 40,
  segmentCount: 56,
  sectionCount: 60,
  names: 62,
};
export const segmentBytes = 56;
export const sectionBytes = 64;

/** Whether a file begins as one that Linux would load as a program, whatever the rest says. */
export function isElf(content: Buffer): boolean {
  return content.length >= 4 && content.readUInt32BE(0) === 0x7f454c46;
}

/** Reads the headers, and throws an `ElfError` when they are not those of a program that Lambda could start. */
export function readElf(content: Buffer): Elf {
  if (!isElf(content)) throw new ElfError("it is no ELF file");
  if (content.length < fileHeader.bytes || content[4] !== 2 || content[5] !== 1)
    throw new ElfError("it is no ELF file of 64 bits, little-endian");
  try {
    return {
      architecture: machines[content.readUInt16LE(fileHeader.machine)],
      segments: segmentsOf(content),
      sections: sectionsOf(content),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new ElfError("it ends before its headers do", { cause: error });
    throw error;
  }
}

/** Where an address of the running program lies in the file; undefined where no byte of the file is loaded there. */
export function offsetOf(elf: Elf, address: number): number | undefined {
  const segment = loaded(elf).find((found) => address >= found.address && address < found.address + found.fileBytes);
  return segment && address - segment.address + segment.offset;
}

/** The address at which a byte of the file is loaded; undefined for one that is never loaded. */
export function addressOf(elf: Elf, offset: number): number | undefined {
  const segment = loaded(elf).find((found) => offset >= found.offset && offset < found.offset + found.fileBytes);
  return segment && offset - segment.offset + segment.address;
}

/** Tags and values of the dynamic segment, which is what a loader reads: section headers may be gone. */
export function dynamicEntries(content: Buffer, elf: Elf): readonly (readonly [number, number])[] {
  const { offset = 0, fileBytes = 0 } = elf.segments.find(({ type }) => type === segmentTypes.dynamic) ?? {};
  const entries: (readonly [number, number])[] = [];
  for (let at = offset; at < offset + fileBytes; at += 16) {
    const tag = uint64(content, at);
    if (tag === 0) break;
    entries.push([tag, uint64(content, at + 8)]);
  }
  return entries;
}

function loaded(elf: Elf): readonly ElfSegment[] {
  return elf.segments.filter(({ type }) => type === segmentTypes.load);
}

function segmentsOf(content: Buffer): readonly ElfSegment[] {
  const start = uint64(content, fileHeader.segments);
  return Array.from({ length: content.readUInt16LE(fileHeader.segmentCount) }, (_, index) => {
    const at = start + index * segmentBytes;
    return {
      type: content.readUInt32LE(at),
      offset: uint64(content, at + 8),
      address: uint64(content, at + 16),
      fileBytes: uint64(content, at + 32),
    };
  });
}

function sectionsOf(content: Buffer): readonly ElfSection[] {
  const start = uint64(content, fileHeader.sections);
  const headers = Array.from({ length: content.readUInt16LE(fileHeader.sectionCount) }, (_, index) => {
    const at = start + index * sectionBytes;
    return {
      nameAt: content.readUInt32LE(at),
      type: content.readUInt32LE(at + 4),
      flags: uint64(content, at + 8),
      offset: uint64(content, at + 24),
      bytes: uint64(content, at + 32),
    };
  });
  const names = headers[content.readUInt16LE(fileHeader.names)];
  return headers.map(({ nameAt, ...header }) => ({
    name: names === undefined ? "" : stringAt(content, names.offset + nameAt),
    ...header,
  }));
}

/** Positions fit a double: no file is larger than 2^53 bytes, and a larger number is past the end of this one. */
export function uint64(content: Buffer, at: number): number {
  return Number(content.readBigUInt64LE(at));
}

export function stringAt(content: Buffer, at: number): string {
  const end = content.indexOf(0, at);
  if (at >= content.length || end < 0) throw new RangeError("A string has no end");
  return content.toString("latin1", at, end);
}
