import { dynamicEntries, ElfError, offsetOf, readElf, segmentTypes, stringAt } from "./elf.ts";

/** What an executable or library wants from the machine that loads it. */
export interface ElfNeeds {
  /** The program that loads it, of an executable that is linked dynamically. */
  readonly interpreter: string | undefined;
  /** Libraries by the names under which they are looked for. */
  readonly libraries: readonly string[];
  /** Versions of symbols, such as `GLIBC_2.28` of `libc.so.6`, in the order of the file. */
  readonly versions: readonly { readonly library: string; readonly version: string }[];
}

/** Tags of the dynamic section. */
const tags = { needed: 1, strings: 5, versions: 0x6ffffffe, versionCount: 0x6fffffff } as const;

/** Reads them from what the loader itself reads. */
export function elfNeeds(content: Buffer): ElfNeeds {
  const elf = readElf(content);
  try {
    const interpreter = elf.segments.find(({ type }) => type === segmentTypes.interpreter);
    const entries = dynamicEntries(content, elf);
    const value = (tag: number) => entries.find(([found]) => found === tag)?.[1];
    const strings = offsetOf(elf, value(tags.strings) ?? 0) ?? 0;
    const libraries = entries.filter(([tag]) => tag === tags.needed).map(([, at]) => stringAt(content, strings + at));
    const versionsAt = offsetOf(elf, value(tags.versions) ?? -1);
    return {
      interpreter: interpreter && stringAt(content, interpreter.offset),
      libraries,
      versions: versionsAt === undefined ? [] : versions(content, versionsAt, value(tags.versionCount) ?? 0, strings),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new ElfError("its dynamic section leads out of the file", { cause: error });
    throw error;
  }
}

/** A list for each library, of which each entry says how far the next one is. */
function versions(content: Buffer, start: number, count: number, strings: number): ElfNeeds["versions"] {
  const found: { readonly library: string; readonly version: string }[] = [];
  for (let index = 0, at = start; index < count; index += 1) {
    const library = stringAt(content, strings + content.readUInt32LE(at + 4));
    const names = content.readUInt16LE(at + 2);
    for (let name = 0, nameAt = at + content.readUInt32LE(at + 8); name < names; name += 1) {
      found.push({ library, version: stringAt(content, strings + content.readUInt32LE(nameAt + 8)) });
      nameAt += content.readUInt32LE(nameAt + 12);
    }
    at += content.readUInt32LE(at + 12);
  }
  return found;
}
