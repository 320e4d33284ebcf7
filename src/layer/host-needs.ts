import { basename } from "node:path";
import { amazonLinux2023, type ProvidedLibrary, unprovedLibraries } from "../../layer/amazon-linux-2023.ts";
import { manifest } from "../../layer/manifest.ts";
import type { ArchiveEntry } from "../platform/archive.ts";
import { isElf } from "../platform/elf.ts";
import { elfNeeds } from "../platform/elf-needs.ts";

/** A library that something in a layer needs, with the newest version of each family of symbols. */
export interface HostNeed {
  readonly library: string;
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Who has it: Amazon Linux 2023, by a source; the layer itself; perhaps Amazon Linux, but no source says so; nobody,
   * or not in that version.
   */
  readonly from: "amazon-linux" | "layer" | "unproved" | "nowhere";
  readonly source?: string;
}

/** What the programs and libraries of a layer need from the machine that Lambda starts them on. */
export function hostNeeds(entries: readonly ArchiveEntry[]): readonly HostNeed[] {
  const files = entries.filter((entry) => entry.type === "file");
  const elves = files.map(({ content }) => asBuffer(content)).filter(isElf);
  const brought = files.filter(({ path }) => path.startsWith(`${manifest.places.libraries}/`));
  const names = new Set(brought.map(({ path }) => basename(path)));
  const wanted = new Map<string, Map<string, string>>();
  for (const { libraries, versions } of elves.map(elfNeeds)) {
    for (const library of libraries) if (!wanted.has(library)) wanted.set(library, new Map());
    for (const { library, version } of versions) {
      const [, family = "", number = ""] = /^(\w+)_([\d.]+)$/.exec(version) ?? [];
      const newest = wanted.get(library);
      if (isNewer(number, newest?.get(family))) newest?.set(family, number);
    }
  }
  return [...wanted]
    .map(([library, versions]) => ({ library, versions: Object.fromEntries(versions) }))
    .map((need) => ({ ...need, ...origin(need, names) }))
    .sort((a, b) => (a.library < b.library ? -1 : 1));
}

/** A need in words: `libc.so.6 (GLIBC 2.28)`. */
export function needInWords({ library, versions }: Pick<HostNeed, "library" | "versions">): string {
  const families = Object.entries(versions).map(([family, number]) => `${family} ${number}`);
  return families.length === 0 ? library : `${library} (${families.join(", ")})`;
}

function origin(
  need: Pick<HostNeed, "library" | "versions">,
  brought: ReadonlySet<string>,
): Pick<HostNeed, "from" | "source"> {
  const provided = amazonLinux2023.find(({ name }) => name === need.library);
  if (provided !== undefined && satisfies(provided, need)) return { from: "amazon-linux", source: provided.source };
  if (brought.has(need.library)) return { from: "layer" };
  const likely = unprovedLibraries.find(({ name }) => name === need.library);
  return { from: likely !== undefined && satisfies(likely, need) ? "unproved" : "nowhere" };
}

function satisfies({ versions }: Pick<ProvidedLibrary, "versions">, need: Pick<HostNeed, "versions">): boolean {
  return Object.entries(need.versions).every(([family, number]) => {
    const newest = versions[family];
    return newest !== undefined && !isNewer(number, newest);
  });
}

function isNewer(number: string, other: string | undefined): boolean {
  if (other === undefined) return true;
  const [ours, theirs] = [number, other].map((text) => text.split(".").map(Number));
  for (const [index, part] of (ours ?? []).entries()) {
    const opposite = theirs?.[index] ?? 0;
    if (part !== opposite) return part > opposite;
  }
  return false;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
