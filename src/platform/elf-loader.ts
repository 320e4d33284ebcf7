import { closeSync, openSync, readSync } from "node:fs";
import { fileHeader, isElf, segmentBytes, segmentTypes, uint64 } from "./elf.ts";

/**
 * The program that loads an executable, or undefined of one that loads itself. Reads only what says so of a file that may
 * have a hundred megabytes; undefined too where it is damaged, which whoever starts it will hear.
 */
export function loaderOf(file: string): string | undefined {
  const descriptor = openSync(file, "r");
  try {
    const head = piece(descriptor, 0, fileHeader.bytes);
    if (!isElf(head)) return undefined;
    const count = head.readUInt16LE(fileHeader.segmentCount);
    const segments = piece(descriptor, uint64(head, fileHeader.segments), count * segmentBytes);
    const starts = Array.from({ length: count }, (_, index) => index * segmentBytes);
    const found = starts.find((at) => segments.readUInt32LE(at) === segmentTypes.interpreter);
    if (found === undefined) return undefined;
    const name = piece(descriptor, uint64(segments, found + 8), Math.min(uint64(segments, found + 32), pathBytesMax));
    return name.toString("latin1").split("\0")[0];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** As long as Linux takes them. limits.h, PATH_MAX */
const pathBytesMax = 4096;

function piece(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, { position }));
}
