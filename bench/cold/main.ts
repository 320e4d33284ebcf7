/** `npm run bench -- cold`: starts from a disk of which nothing is in memory, with the launcher's list and without. */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { architectures } from "../../src/layer/engine.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import type { DiskCosts, Job, Measurement } from "../job.ts";
import { load, machine } from "../machine.ts";
import { OptionError } from "../options.ts";
import { ServerProcess } from "../server-process.ts";
import { median, pairedRatio } from "../statistics.ts";
import { type ColdDisk, ownDisk, usualDisk } from "./disk.ts";
import { type ColdSubject, coldSubjects, withoutList } from "./layers.ts";

const help = `npm run bench -- cold [OPTION ...]

  --engine NAME      ${manifest.engines.join(" or ")}; all unless told
  --rounds N         starts of each, cold and then warm; 30 unless told`;

export async function benchCold(args: readonly string[]): Promise<void> {
  const values = parsed(args);
  const engines = manifest.engines.filter((name) => values.engine === undefined || name === values.engine);
  const rounds = Number(values.rounds);
  if (values.help || engines.length === 0 || !(rounds >= 1)) return console.log(help);
  const { cpu, cores, kernel, date, loadAtStart, pinnedTo } = machine();
  const where = pinnedTo === undefined ? "not pinned" : `pinned to core ${pinnedTo}`;
  console.log(`${cpu}, ${cores} cores, ${where}, ${kernel}, ${date.slice(0, 10)}, load ${loadAtStart}`);
  using server = new ServerProcess(pinnedTo);
  const folder = temporaryFolder("bootlace-cold-");
  const disks = [await ownDisk(), ...(process.getuid?.() === 0 ? [usualDisk(folder.path)] : [])];
  try {
    for (const engine of engines) for (const disk of disks) await report(engine, disk, { rounds, server });
  } finally {
    for (const disk of disks) disk.close();
    folder.remove();
  }
  for (const line of sizes()) console.log(line);
  console.log(`\nThe load at the end was ${load()}; compare figures of one table only.`);
}

function parsed(args: readonly string[]) {
  const options = {
    engine: { type: "string" },
    rounds: { type: "string", default: "30" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message.split(". ")[0] : error;
    throw new OptionError(`${why}: "npm run bench -- cold --help" lists the options`);
  }
}

async function report(engine: Engine, disk: ColdDisk, { rounds, server }: Way): Promise<void> {
  const subjects = await coldSubjects(engine, join(disk.path, engine));
  const start = (subject: ColdSubject) => server.run(startOf(subject));
  // The first start of each counts for nothing: libraries of the system that it shares with others are read then.
  for (const subject of subjects) await start(subject);
  const cold = await inRounds(subjects, rounds, async (subject) => {
    await disk.forget(subject);
    return start(subject);
  });
  const warm = await inRounds(subjects, rounds, start);
  console.log(`\n${engine}, ${disk.what}; medians of ${rounds} starts to the first GET /next`);
  const times = ["ms", "least", `to "${withoutList}" (middle half)`];
  const header = [
    "",
    ...times.map((what) => `cold ${what}`),
    "major faults",
    "MB read",
    ...times.map((what) => `warm ${what}`),
  ];
  for (const line of table([header, ...subjects.map((subject) => row(subject, cold, warm))])) console.log(line);
}

type Engine = (typeof manifest.engines)[number];
type Figures = ReadonlyMap<string, readonly Measurement[]>;

interface Way {
  readonly rounds: number;
  /** A small process: of one with half a gigabyte, as this one is after building layers, a start was 15 ms longer. */
  readonly server: ServerProcess;
}

function startOf(subject: ColdSubject): Job {
  return {
    command: [join(subject.folder, manifest.places.bootstrap)],
    environment: { LD_LIBRARY_PATH: join(subject.folder, manifest.places.libraries) },
    taskRoot: join(import.meta.dirname, "../functions"),
    handler: "hello.handler",
    event: { bytes: 100 },
    warmUpCycles: 0,
    cycles: 0,
  };
}

function row({ name }: ColdSubject, cold: Figures, warm: Figures): readonly string[] {
  const times = (figures: Figures) => {
    const of = (subject: string) => (figures.get(subject) ?? []).map(({ firstNextMs }) => firstNextMs);
    const ratio = pairedRatio(of(name), of(withoutList));
    const [middle, from, to] = [ratio.median, ratio.lowerQuartile, ratio.upperQuartile].map((one) => one.toFixed(2));
    return [median(of(name)).toFixed(1), Math.min(...of(name)).toFixed(1), `${middle} (${from}-${to})`];
  };
  const disk = (cost: keyof DiskCosts) =>
    median((cold.get(name) ?? []).map((start) => start.disk?.[cost] ?? Number.NaN));
  return [name, ...times(cold), disk("majorFaults").toFixed(0), (disk("readBytes") / 1e6).toFixed(1), ...times(warm)];
}

/** The order turns round each time, so that none is always first. */
async function inRounds(
  subjects: readonly ColdSubject[],
  rounds: number,
  once: (subject: ColdSubject) => Promise<Measurement>,
): Promise<Figures> {
  const figures = new Map<string, Measurement[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
      figures.get(subject.name)?.push(await once(subject));
  }
  return figures;
}

/** What Lambda downloads, where it has been built. */
function sizes(): readonly string[] {
  const { zippedBytesMax } = manifest.releases.runtime;
  const dist = join(import.meta.dirname, "../../dist");
  const files = manifest.engines.flatMap((name) =>
    architectures.map((arch) => join(dist, `layer-${name}-${arch}.zip`)),
  );
  const built = files.filter((file) => existsSync(file));
  if (built.length === 0) return ['\nNo layer is in dist/: "npm run build" makes them'];
  const rows = built.map((file) => [basename(file), inMegabytes(statSync(file).size)]);
  return [`\nzipped, MB, of ${inMegabytes(zippedBytesMax)}`, ...table(rows)];
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}
