import type { Metafile } from "esbuild";

/** A package, or the function's own files together, in a bundle. */
export interface BundleShare {
  /** `.` for the function's own files. */
  readonly name: string;
  readonly bytes: number;
  /** Who imports whom, from the entry to the first file of the package. */
  readonly why: readonly string[];
  /** How many copies of it lie in different folders. */
  readonly copies: number;
}

/** What is large in a bundle and how it got there, largest first. */
export function bundleShares(metafile: Metafile): readonly BundleShare[] {
  const shares = new Map<string, { bytes: number; folders: Set<string>; first: string | undefined }>();
  const importers = importersOf(metafile);
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const { name, folder } = placeOf(path);
      const share = shares.get(name) ?? { bytes: 0, folders: new Set(), first: undefined };
      share.bytes += bytesInOutput;
      if (bytesInOutput > 0) share.folders.add(folder);
      shares.set(name, share);
    }
  // Importers are in the order of a breadth-first walk: the first file of a package is the nearest one.
  for (const path of importers.keys()) {
    const share = shares.get(placeOf(path).name);
    if (share !== undefined) share.first ??= path;
  }
  return [...shares]
    .map(([name, { bytes, folders, first }]) => ({ name, bytes, copies: folders.size, why: chain(importers, first) }))
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes);
}

/** Each file with the file that imports it, nearest to the entry first. */
function importersOf({ inputs, outputs }: Metafile): ReadonlyMap<string, string | undefined> {
  const entry = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined)?.entryPoint;
  const importers = new Map<string, string | undefined>();
  if (entry !== undefined) importers.set(entry, undefined);
  for (const [path] of importers)
    for (const { path: imported } of inputs[path]?.imports ?? [])
      if (imported in inputs && !importers.has(imported)) importers.set(imported, path);
  return importers;
}

function chain(importers: ReadonlyMap<string, string | undefined>, last: string | undefined): readonly string[] {
  const steps: string[] = [];
  for (let path = last; path !== undefined; path = importers.get(path)) {
    const { name } = placeOf(path);
    const step = name === "." ? path : name;
    if (steps[0] !== step) steps.unshift(step);
  }
  return steps;
}

function placeOf(path: string): { readonly name: string; readonly folder: string } {
  const at = path.lastIndexOf("node_modules/");
  if (at < 0) return { name: ".", folder: "." };
  const [scope = "", name = ""] = path.slice(at + "node_modules/".length).split("/");
  const full = scope.startsWith("@") ? `${scope}/${name}` : scope;
  return { name: full, folder: path.slice(0, at) + full };
}
