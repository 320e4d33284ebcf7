import { ArchiveError } from "./archive.ts";

/** What a path stands for inside an archive. */
export interface PlacedEntry {
  readonly type: "file" | "directory" | "link";
  readonly path: string;
}

/** The longest file name and the longest path of Linux file systems. `linux/limits.h`: NAME_MAX, PATH_MAX */
const nameBytesMax = 255;
const pathBytesMax = 4_095;

/** How many links Linux follows in one path. path_resolution(7) */
const linkHopsMax = 40;

/** The path that an entry's name stands for, or "" for the root itself; refuses names that could leave the root. */
export function pathOfName(raw: Uint8Array): string {
  const name = decoded(raw);
  if (name.includes("\0")) throw unsafe(name, "holds a NUL character");
  if (name.includes("\\")) throw unsafe(name, "holds a backslash, which is not a separator on Linux");
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw unsafe(name, "is absolute");
  const segments = name.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) throw unsafe(name, "climbs out with ..");
  if (raw.byteLength > pathBytesMax || segments.some((segment) => Buffer.byteLength(segment) > nameBytesMax))
    throw unsafe(`${name.slice(0, 40)}…`, "is longer than Linux allows");
  return segments.join("/");
}

/** Refuses two entries with one path, and entries below something that is not a directory. */
export function checkTree(entries: readonly PlacedEntry[]): void {
  const types = new Map<string, PlacedEntry["type"]>();
  for (const { path, type } of entries) {
    if (types.has(path))
      throw new ArchiveError(
        "duplicate-path",
        `it has two entries for "${path}", so what it holds depends on who unpacks it: pack it again from one folder`,
      );
    types.set(path, type);
  }
  for (const { path } of entries) {
    const above = ancestors(path).find((ancestor) => (types.get(ancestor) ?? "directory") !== "directory");
    if (above !== undefined)
      throw new ArchiveError(
        "duplicate-path",
        `its entry "${path}" lies below "${above}", which is no directory: pack it again from one folder`,
      );
  }
}

/** Refuses links that lead out of the root, read as text or followed through the other links. */
export function checkLinks(targets: ReadonlyMap<string, string>): void {
  for (const [path, target] of targets) {
    if (target === "" || target.includes("\0")) throw unsafeLink(path, target, "has an unusable target");
    if (target.startsWith("/")) throw unsafeLink(path, target, "has an absolute target");
    const from = path.split("/").slice(0, -1);
    if (!staysInside(from, target.split("/"))) throw unsafeLink(path, target, "leaves the archive");
    followed(path, targets);
  }
}

/** Whether `segments`, walked from the directory `from`, never climb above the root. */
function staysInside(from: readonly string[], segments: readonly string[]): boolean {
  let depth = from.length;
  for (const segment of segments) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0) return false;
  }
  return true;
}

/** Walks a link the way the kernel does, since `up/../..` means something else once `up` is a link. */
function followed(path: string, targets: ReadonlyMap<string, string>): void {
  const todo = path.split("/");
  const at: string[] = [];
  let hops = 0;
  for (let segment = todo.shift(); segment !== undefined; segment = todo.shift()) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") {
      if (at.pop() === undefined) throw unsafeLink(path, targets.get(path) ?? "", "leaves the archive");
      continue;
    }
    const target = targets.get([...at, segment].join("/"));
    if (target === undefined) at.push(segment);
    else if (++hops > linkHopsMax) throw unsafeLink(path, targets.get(path) ?? "", "runs in a circle");
    else todo.unshift(...target.split("/"));
  }
}

function ancestors(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
}

function decoded(raw: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch (error) {
    throw new ArchiveError("unsafe-name", "it has a name that is not UTF-8: pack it again with UTF-8 names", error);
  }
}

function unsafe(name: string, why: string): ArchiveError {
  return new ArchiveError(
    "unsafe-name",
    `its entry ${JSON.stringify(name)} ${why}: pack it again from inside the folder, and do not trust whoever made it`,
  );
}

function unsafeLink(path: string, target: string, why: string): ArchiveError {
  return new ArchiveError(
    "unsafe-link",
    `its symbolic link "${path}" -> ${JSON.stringify(target)} ${why}: pack the file itself, or link to one beside it`,
  );
}
