import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Elf, type ElfSegment, readElf, segmentTypes } from "../platform/elf.ts";
import { packageRoot } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";
import type { Architecture, Engine } from "./engine.ts";
import type { EngineName } from "./fetch-package.ts";

/** Of the file and of memory, on every Linux that Lambda runs. */
export const pageBytes = 4_096;

/** Neighbours in a file. */
export interface PageRun {
  readonly first: number;
  readonly count: number;
}

/**
 * The pages of an engine that a start touches, as runs of addresses divided by the size of a page. Addresses, because
 * they stay what they are when the engine is stripped or gets a program inside; positions in the file need not.
 */
export interface PrefetchList {
  /** Of bin/node as it is published: for any other engine the list means nothing. */
  readonly engineSha256: string;
  /** In the order in which to ask. */
  readonly runs: readonly PageRun[];
}

/**
 * Reading a page too many is cheaper than asking twice: with gaps of one page read along, a start makes two thirds of
 * the requests for a fourteenth more bytes. With gaps of three it would be under half, for a quarter more.
 */
const gapMax = 1;

/** Linux cuts a request to the size of its readahead, 128 KiB unless told: what is longer would be lost in silence. */
const runMax = 32;

/** Where the list of a released engine is kept. */
export function prefetchListFile(name: EngineName, arch: Architecture): string {
  return join(packageRoot(), "layer", "engines", name, `prefetch-${arch}.txt`);
}

export function formatPrefetchList({ engineSha256, runs }: PrefetchList): string {
  return [
    "# Pages of this engine that a start touches, by address: the first one and how many, in hexadecimal, and in the",
    "# order in which to ask: first what it touches before it looks at what it is to run.",
    '# Recorded by "npm run build -- prefetch-list"; true for the bin/node with this hash and no other.',
    `engine ${engineSha256}`,
    ...runs.map(({ first, count }) => `${first.toString(16)} ${count.toString(16)}`),
    "",
  ].join("\n");
}

export function parsePrefetchList(text: string): PrefetchList {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const [engine = "", ...rows] = lines;
  const runs = rows.map((row) => {
    const [first = Number.NaN, count = Number.NaN] = row.split(" ").map((word) => Number.parseInt(word, 16));
    return { first, count };
  });
  if (!/^engine [0-9a-f]{64}$/.test(engine) || runs.some(({ first, count }) => !(first >= 0 && count > 0)))
    throw new BuildError(
      "bad-source",
      'Cannot read the prefetch list: record it again with "npm run build -- prefetch-list"',
    );
  return { engineSha256: engine.slice("engine ".length), runs };
}

/** Reads a list and refuses it for an engine that it was not recorded from. */
export async function prefetchListOf(file: string, engine: Engine): Promise<PrefetchList> {
  const list = parsePrefetchList(await readFile(file, "utf8"));
  const sha256 = createHash("sha256")
    .update(await readFile(engine.node))
    .digest("hex");
  if (list.engineSha256 === sha256) return list;
  throw new BuildError(
    "bad-source",
    `Cannot use "${file}": it was recorded from another engine, record it again with "npm run build -- prefetch-list"`,
  );
}

/** What a launcher asks for: runs of pages of this file, made of those of the list and in its order. */
export function pagesToAskFor(list: PrefetchList, executable: Buffer): readonly PageRun[] {
  const elf = readElf(executable);
  const pages = pagesOf(list.runs)
    .map((page) => pageOfAddress(elf, page))
    .filter((page) => page !== undefined);
  const places = new Map(pages.map((page, place) => [page, place]));
  const placeOf = (run: PageRun) =>
    Math.min(...pagesOf([run]).map((page) => places.get(page) ?? Number.POSITIVE_INFINITY));
  return split(joined(pages, gapMax))
    .map((run) => ({ run, place: placeOf(run) }))
    .sort((a, b) => a.place - b.place)
    .map(({ run }) => run);
}

/** The list of pages of a file, as `resident` prints them, in addresses. */
export function runsOfAddresses(elf: Elf, runs: readonly PageRun[]): readonly PageRun[] {
  return runsOf(
    pagesOf(runs)
      .map((page) => addressOfPage(elf, page))
      .filter((page) => page !== undefined),
  );
}

export function pagesOf(runs: readonly PageRun[]): readonly number[] {
  return runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index));
}

/** Of pages in any order. */
export function runsOf(pages: readonly number[]): readonly PageRun[] {
  return joined(pages, 0);
}

function pageOfAddress(elf: Elf, address: number): number | undefined {
  const segment = loadedAt(elf, "address", address);
  return segment && address - pageOf(segment.address) + pageOf(segment.offset);
}

function addressOfPage(elf: Elf, page: number): number | undefined {
  const segment = loadedAt(elf, "offset", page);
  return segment && page - pageOf(segment.offset) + pageOf(segment.address);
}

/** Segments begin anywhere in a page, but at the same place of it in the file and in memory. */
function loadedAt(elf: Elf, by: "address" | "offset", page: number): ElfSegment | undefined {
  return elf.segments.find(({ type, fileBytes, ...segment }) => {
    const ends = segment[by] + fileBytes;
    return type === segmentTypes.load && page >= pageOf(segment[by]) && page * pageBytes < ends;
  });
}

function pageOf(position: number): number {
  return Math.floor(position / pageBytes);
}

function joined(pages: readonly number[], gap: number): readonly PageRun[] {
  const runs: { first: number; count: number }[] = [];
  for (const page of pages.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && page <= last.first + last.count + gap)
      last.count = Math.max(last.count, page - last.first + 1);
    else runs.push({ first: page, count: 1 });
  }
  return runs;
}

function split(runs: readonly PageRun[]): readonly PageRun[] {
  return runs.flatMap(({ first, count }) =>
    Array.from({ length: Math.ceil(count / runMax) }, (_, index) => ({
      first: first + index * runMax,
      count: Math.min(runMax, count - index * runMax),
    })),
  );
}
