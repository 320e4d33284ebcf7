import { readElf, sectionBytes, uint64 } from "./elf.ts";

const flags = { allocated: 0x2, infoIsSection: 0x40 } as const;
const types = { strings: 3, relocationsWithAddend: 4, relocations: 9 } as const;

/**
 * An executable without what only debuggers and linkers read: symbol and debugging tables. What is loaded keeps its
 * place, byte by byte. The same as binutils' `strip` does, for any processor and with the same bytes on any machine.
 */
export function stripElf(content: Buffer): Buffer {
  const elf = readElf(content);
  const end = Math.max(...elf.segments.map(({ offset, fileBytes }) => offset + fileBytes));
  const oldTable = uint64(content, 40);
  const kept = elf.sections.map(({ flags: found }, index) => (index === 0 || found & flags.allocated ? index : -1));
  const order = kept.filter((index) => index >= 0);
  const moved = (index: number) => Math.max(0, order.indexOf(index));

  const names = namesOf(order.map((index) => elf.sections[index]?.name ?? ""));
  const tableAt = aligned(end + names.bytes.length);
  const stripped = Buffer.alloc(tableAt + (order.length + 1) * sectionBytes);
  content.copy(stripped, 0, 0, end);
  names.bytes.copy(stripped, end);
  for (const [at, index] of order.entries()) {
    const header = Buffer.from(
      content.subarray(oldTable + index * sectionBytes, oldTable + (index + 1) * sectionBytes),
    );
    const type = header.readUInt32LE(4);
    const linksByInfo =
      type === types.relocations ||
      type === types.relocationsWithAddend ||
      (header.readUInt32LE(8) & flags.infoIsSection) !== 0;
    header.writeUInt32LE(names.at[at] ?? 0, 0);
    header.writeUInt32LE(moved(header.readUInt32LE(40)), 40);
    if (linksByInfo) header.writeUInt32LE(moved(header.readUInt32LE(44)), 44);
    header.copy(stripped, tableAt + at * sectionBytes);
  }
  const last = stripped.subarray(tableAt + order.length * sectionBytes);
  last.writeUInt32LE(names.at[order.length] ?? 0, 0);
  last.writeUInt32LE(types.strings, 4);
  last.writeBigUInt64LE(BigInt(end), 24);
  last.writeBigUInt64LE(BigInt(names.bytes.length), 32);
  last.writeBigUInt64LE(1n, 48);

  stripped.writeBigUInt64LE(BigInt(tableAt), 40);
  stripped.writeUInt16LE(order.length + 1, 60);
  stripped.writeUInt16LE(order.length, 62);
  return stripped;
}

/** A table of the names of sections, its own as the last, and where each stands. */
function namesOf(sections: readonly string[]): { readonly bytes: Buffer; readonly at: readonly number[] } {
  const at: number[] = [];
  let text = "";
  for (const name of [...sections, ".shstrtab"]) {
    at.push(text.length);
    text += `${name}\0`;
  }
  return { bytes: Buffer.from(text, "latin1"), at };
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
