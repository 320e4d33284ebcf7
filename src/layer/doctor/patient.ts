import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { type ArchiveEntry, ArchiveError, type ArchiveErrorCode } from "../../platform/archive.ts";
import { readZip } from "../../platform/archive-read.ts";
import { isElf } from "../../platform/elf.ts";

/** Something that is given to Lambda: a function's code, a layer, or a program alone. */
export interface Patient {
  /** As the person named it. */
  readonly name: string;
  readonly kind: "function" | "layer";
  readonly entries: readonly ArchiveEntry[];
  /** Of a zip. */
  readonly zippedBytes?: number;
  /** Why a zip cannot be read, or should not be. */
  readonly damage?: { readonly defect: "zip-damaged" | "zip-unsafe"; readonly detail: string };
}

/** So much is looked at, to say by how much a package is too large. */
const unzippedBytesMax = 2_000_000_000;

/** What is a zip for every reader, and another one for each. */
const unsafe: readonly ArchiveErrorCode[] = ["unsafe-name", "duplicate-path", "unsafe-link"];

/** Reads a folder, a zip, or a program, which counts as the bootstrap of a layer. */
export async function patientOf(path: string, as: Patient["kind"] | undefined): Promise<Patient> {
  if (statSync(path).isDirectory()) {
    const entries = folderEntries(path, "");
    return { name: path, kind: as ?? kindOf(entries), entries };
  }
  const content = readFileSync(path);
  const isZip = content.subarray(0, 2).toString("latin1") === "PK" || path.endsWith(".zip");
  if (!isZip) {
    const { mode } = statSync(path);
    const entries = [{ type: "file", path: "bootstrap", mode: mode & 0o777, content } as const];
    return { name: path, kind: as ?? "layer", entries };
  }
  try {
    const entries = await readZip(content, { unzippedBytesMax });
    return { name: path, kind: as ?? kindOf(entries), entries, zippedBytes: content.length };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const defect = unsafe.includes(error.code) ? "zip-unsafe" : "zip-damaged";
    const damage = { defect, detail: error.message } as const;
    return { name: path, kind: as ?? "function", entries: [], zippedBytes: content.length, damage };
  }
}

/** A file's content, or nothing for whatever is no file. */
export function contentAt({ entries }: Patient, path: string): Buffer | undefined {
  const entry = entryAt(entries, path);
  if (entry?.type === "link") {
    const target = posix.normalize(posix.join(posix.dirname(path), entry.target));
    return target === path ? undefined : contentAt({ entries } as Patient, target);
  }
  return entry?.type === "file" ? bufferOf(entry.content) : undefined;
}

export function entryAt(entries: readonly ArchiveEntry[], path: string): ArchiveEntry | undefined {
  return entries.find((entry) => entry.path === path);
}

/** The bytes without a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function isProgram(content: Buffer): boolean {
  return isElf(content) || content.subarray(0, 2).toString("latin1") === "#!";
}

/** Folders that mean something in /opt alone. DG/packaging-layers.html */
const layerFolders = ["extensions", "nodejs", "python", "ruby", "java", "lib", "bin"];

function kindOf(entries: readonly ArchiveEntry[]): Patient["kind"] {
  const tops = [...new Set(entries.map(({ path }) => path.split("/")[0] ?? ""))];
  const hasBootstrap = tops.includes("bootstrap");
  const onlyLayerFolders = tops.length > 0 && tops.every((top) => layerFolders.includes(top));
  const others = tops.filter((top) => ![...layerFolders, "bootstrap", "bootlace", "LICENSES"].includes(top));
  return onlyLayerFolders || (hasBootstrap && others.length === 0 && tops.length > 1) ? "layer" : "function";
}

function folderEntries(root: string, below: string): readonly ArchiveEntry[] {
  return readdirSync(join(root, below)).flatMap((name): readonly ArchiveEntry[] => {
    const path = posix.join(below, name);
    const file = join(root, path);
    const stats = lstatSync(file);
    if (stats.isSymbolicLink()) return [{ type: "link", path, target: readlinkSync(file) }];
    const mode = stats.mode & 0o777;
    if (stats.isDirectory()) return [{ type: "directory", path, mode }, ...folderEntries(root, path)];
    return stats.isFile() ? [{ type: "file", path, mode, content: readFileSync(file) }] : [];
  });
}
