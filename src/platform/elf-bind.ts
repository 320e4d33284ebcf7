import { dynamicEntries, ElfError, offsetOf, readElf, uint64 } from "./elf.ts";

/** Tags of the dynamic section: where its symbols are, and its two tables of relocations with the size of each. */
const tags = { symbols: 6, relocations: [7, 8], functionRelocations: [23, 2] } as const;

/** Relocations that become the address of a symbol, by processor: R_*_64 or ABS64, GLOB_DAT and JUMP_SLOT. */
const addressTypes = { x86_64: [1, 6, 7], arm64: [257, 1025, 1026] } as const;

/** A symbol that is a thing, a variable or a function, and either global or weak. What a loader computes is neither. */
const plainTypes = [0, 1, 2];
const plainBindings = [1, 2];

const fixedAddresses = 2;
const relocationBytes = 24;
const symbolBytes = 24;

/**
 * An executable in which the addresses of its own symbols are written already, so that no loader looks them up at each
 * start. For one that is loaded where it says they cannot come out otherwise: the program itself is the first place
 * that a loader looks in, before any library and whatever LD_PRELOAD names. Any other is given back as it is.
 */
export function bindElf(content: Buffer): Buffer {
  const elf = readElf(content);
  if (elf.architecture === undefined || content.readUInt16LE(16) !== fixedAddresses) return content;
  const types: readonly number[] = addressTypes[elf.architecture];
  const bound = Buffer.from(content);
  try {
    const entries = new Map(dynamicEntries(content, elf));
    const symbols = offsetOf(elf, entries.get(tags.symbols) ?? -1);
    if (symbols === undefined) return content;
    for (const [table, size] of [tags.relocations, tags.functionRelocations]) {
      const start = offsetOf(elf, entries.get(table) ?? -1);
      if (start === undefined) continue;
      for (let at = start; at < start + (entries.get(size) ?? 0); at += relocationBytes) {
        const place = offsetOf(elf, uint64(content, at));
        const addend = content.readBigInt64LE(at + 16);
        const address = ownAddress(content, symbols + content.readUInt32LE(at + 12) * symbolBytes);
        if (place === undefined || address === undefined || !types.includes(content.readUInt32LE(at + 8))) continue;
        bound.writeBigInt64LE(address + addend, place);
        // Of type "none" on every processor, which a loader passes over.
        bound.fill(0, at + 8, at + relocationBytes);
      }
    }
  } catch (error) {
    if (error instanceof RangeError) throw new ElfError("its relocations lead out of the file", { cause: error });
    throw error;
  }
  return bound;
}

/** Of a symbol that the executable defines itself; the first symbol is none. */
function ownAddress(content: Buffer, symbol: number): bigint | undefined {
  const info = content.readUInt8(symbol + 4);
  const isOwn = content.readUInt16LE(symbol + 6) !== 0;
  if (!isOwn || !plainTypes.includes(info & 15) || !plainBindings.includes(info >> 4)) return undefined;
  return content.readBigInt64LE(symbol + 8);
}
