import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Metafile } from "esbuild";
import { manifest } from "../../layer/manifest.ts";
import type { ArchiveEntry } from "../platform/archive.ts";
import { writeZip } from "../platform/archive-write.ts";
import type { Compression } from "../platform/deflate.ts";
import { defaultCacheDirectory } from "../platform/package-root.ts";
import { limits } from "../protocol/limits.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { type Program, programOf } from "./build-bootstrap.ts";
import { BuildError } from "./build-error.ts";
import { buildExtension, type ExtensionSource } from "./build-extension.ts";
import { cached } from "./cache.ts";
import type { Engine } from "./engine.ts";
import { type HostNeed, hostNeeds, needInWords } from "./host-needs.ts";
import { layerFile } from "./layer-file.ts";
import { licenceEntries } from "./licences.ts";
import { type RuntimeOptions, runtimeParts } from "./runtime-parts.ts";

/** How large a layer may be. */
export interface Budget {
  readonly zippedBytesMax: number;
  readonly unzippedBytesMax: number;
}

/** What goes into a layer. */
export interface LayerOptions {
  readonly outFile: string;
  /** 1 takes two seconds for an engine and makes the runtime layer 12 % larger than "densest", which takes twenty. */
  readonly level: Compression;
  readonly extensions: readonly ExtensionSource[];
  /** An "absent" one makes a layer of extensions, which needs a runtime layer beside it and fits any architecture. */
  readonly bootstrap: Omit<RuntimeOptions, "cacheDirectory"> | "absent";
  /** The entry of a custom runtime that the `bootstrap` of a layer beside this one runs in place of its own. */
  readonly customRuntime?: string | Program;
  /** Written beside the layer where it is named: what the layer is made of, as CycloneDX. */
  readonly billFile?: string;
  /** Lambda's limits unless told. */
  readonly budget?: Budget;
  readonly cacheDirectory?: string;
}

/** A layer that was written. */
export interface BuiltLayer {
  readonly file: string;
  readonly zippedBytes: number;
  readonly unzippedBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly entries: readonly { readonly path: string; readonly mode: number; readonly bytes: number }[];
  /** What it wants from the machine, and who has that. */
  readonly needs: readonly HostNeed[];
  readonly from: "build" | "cache";
}

interface Content {
  readonly entries: readonly ArchiveEntry[];
  readonly metafiles: readonly Metafile[];
  readonly engine?: Engine;
}

const lambdaBudget: Budget = {
  zippedBytesMax: limits.packageZipBytesMax,
  unzippedBytesMax: limits.packageUnzippedBytesMax,
};

/** Writes a layer whose root is /opt: the same bytes for the same sources, engine, tools and level. */
export async function buildLayer(options: LayerOptions): Promise<BuiltLayer> {
  const budget = options.budget ?? lambdaBudget;
  const content = await contentOfLayer(options);
  const { entries } = content;
  const needs = hostNeeds(entries);
  refuseLacking(options.outFile, needs);
  const sizes = entries.map((entry) => ({ path: entry.path, mode: modeOf(entry), bytes: bytesOf(entry) }));
  const unzippedBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  refuseOver(options.outFile, "unzips to", unzippedBytes, budget.unzippedBytesMax);
  const directory = options.cacheDirectory ?? defaultCacheDirectory();
  const { file, from } = await cached({ directory, kind: "layer" }, keyOf(entries, options.level), async (temporary) =>
    writeFile(temporary, await writeZip(entries, { level: options.level })),
  );
  const zip = await readFile(file);
  refuseOver(options.outFile, "is", zip.byteLength, budget.zippedBytesMax);
  await replace(options.outFile, zip);
  const sha256 = createHash("sha256").update(zip).digest("hex");
  if (options.billFile !== undefined) {
    const generator = options.bootstrap === "absent" ? undefined : options.bootstrap.generator;
    const materials = { ...content, ...(generator && { generator }) };
    await replace(options.billFile, Buffer.from(await billOfMaterials({ file: options.outFile, sha256 }, materials)));
  }
  return { file: options.outFile, zippedBytes: zip.byteLength, unzippedBytes, sha256, entries: sizes, needs, from };
}

async function contentOfLayer(options: LayerOptions): Promise<Content> {
  const extensions = await Promise.all(options.extensions.map(buildExtension));
  const runtime = await runtimeContent(options);
  const custom = await customRuntime(options);
  const engine = runtime.engine ?? extensions.find((extension) => extension.engine !== undefined)?.engine;
  const metafiles = [...runtime.metafiles, ...custom.metafiles, ...extensions.map(({ metafile }) => metafile)];
  const entries = [
    ...runtime.entries,
    ...custom.entries,
    ...extensions.flatMap(({ entries }) => entries),
    ...(await Promise.all(manifest.files.map(layerFile))),
    ...(await licenceEntries(metafiles, engine)),
  ];
  return { entries, metafiles, ...(engine && { engine }) };
}

async function runtimeContent({ bootstrap, cacheDirectory }: LayerOptions): Promise<Content> {
  if (bootstrap === "absent") return { entries: [], metafiles: [] };
  const { entries, metafile, engine } = await runtimeParts({ ...bootstrap, ...(cacheDirectory && { cacheDirectory }) });
  return { entries, metafiles: [metafile], engine };
}

async function customRuntime({ customRuntime: entry }: LayerOptions): Promise<Content> {
  if (entry === undefined) return { entries: [], metafiles: [] };
  const { code, metafile } = await programOf(entry);
  const path = manifest.places.customRuntime;
  return { entries: [{ type: "file", path, mode: 0o644, content: code }], metafiles: [metafile] };
}

function refuseLacking(outFile: string, needs: readonly HostNeed[]): void {
  const lacking = needs.filter(({ from }) => from === "nowhere").map(needInWords);
  if (lacking.length > 0)
    throw new BuildError(
      "host-lacks",
      `Cannot write "${basename(outFile)}": Amazon Linux 2023 has no ${lacking.join(", no ")}, bring it in the layer or use another engine`,
    );
}

function refuseOver(outFile: string, verb: string, bytes: number, bytesMax: number): void {
  if (bytes > bytesMax)
    throw new BuildError(
      "too-large",
      `Cannot write "${basename(outFile)}": it ${verb} ${bytes} bytes and ${bytesMax} are allowed, leave out an extension or a dependency`,
    );
}

function keyOf(entries: readonly ArchiveEntry[], level: Compression): readonly (string | Uint8Array)[] {
  const parts = entries.flatMap((entry) => [entry.path, `${modeOf(entry)}`, contentOf(entry)]);
  return [`zlib ${process.versions.zlib} level ${level}`, ...parts];
}

function contentOf(entry: ArchiveEntry): string | Uint8Array {
  if (entry.type === "file") return entry.content;
  return entry.type === "link" ? entry.target : "";
}

function bytesOf(entry: ArchiveEntry): number {
  return Buffer.byteLength(contentOf(entry));
}

function modeOf(entry: ArchiveEntry): number {
  return entry.type === "link" ? 0o777 : entry.mode;
}

async function replace(file: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
