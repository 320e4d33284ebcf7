/** `npm run bench -- cold`: starts from a disk of which nothing is in memory, with the launcher's list and without. */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { architectures } from "../../src/layer/engine.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import { load, machine } from "../machine.ts";
import { OptionError } from "../options.ts";
import { median, pairedRatio } from "../statistics.ts";
import { type ColdDisk, ownDisk, usualDisk } from "./disk.ts";
import { type ColdSubject, coldSubjects, withoutList } from "./layers.ts";
import { listening, type Start, start } from "./start.ts";

const help = `npm run bench -- cold [OPTION ...]

  --engine NAME      ${manifest.engines.join(" or ")}; all unless told
  --rounds N         starts of each, cold and then warm; 20 unless told`;

export async function benchCold(args: readonly string[]): Promise<void> {
  const values = parsed(args);
  const engines = manifest.engines.filter((name) => values.engine === undefined || name === values.engine);
  const rounds = Number(values.rounds);
  if (values.help || engines.length === 0 || !(rounds >= 1)) return console.log(help);
  const { cpu, cores, kernel, date, loadAtStart } = machine();
  console.log(`${cpu}, ${cores} cores, ${kernel}, ${date.slice(0, 10)}, load ${loadAtStart}`);
  const folder = temporaryFolder("bootlace-cold-");
  const disks = [await ownDisk(), ...(process.getuid?.() === 0 ? [usualDisk(folder.path)] : [])];
  try {
    for (const engine of engines) for (const disk of disks) await report(engine, disk, rounds);
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
    rounds: { type: "string", default: "20" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message.split(". ")[0] : error;
    throw new OptionError(`${why}: "npm run bench -- cold --help" lists the options`);
  }
}

async function report(engine: (typeof manifest.engines)[number], disk: ColdDisk, rounds: number): Promise<void> {
  const subjects = await coldSubjects(engine, join(disk.path, engine));
  const server = await listening();
  try {
    // The first start of each counts for nothing: libraries of the system that it shares with others are read then.
    for (const subject of subjects) await start(subject, server);
    const cold = await inRounds(subjects, rounds, async (subject) => {
      await disk.forget(subject);
      return start(subject, server);
    });
    const warm = await inRounds(subjects, rounds, (subject) => start(subject, server));
    console.log(`\n${engine}, ${disk.what}; medians of ${rounds} starts to the first GET /next`);
    const header = [
      "",
      "cold ms",
      "least",
      `to "${withoutList}"`,
      "major faults",
      "MB read",
      "warm ms",
      "least",
      `to "${withoutList}"`,
    ];
    for (const line of table([header, ...subjects.map((subject) => row(subject, cold, warm))])) console.log(line);
  } finally {
    server.close();
  }
}

type Figures = ReadonlyMap<string, readonly Start[]>;

function row({ name }: ColdSubject, cold: Figures, warm: Figures): readonly string[] {
  const times = (figures: Figures, subject: string) => (figures.get(subject) ?? []).map(({ ms }) => ms);
  const ratio = (figures: Figures) => pairedRatio(times(figures, name), times(figures, withoutList)).median.toFixed(2);
  const starts = cold.get(name) ?? [];
  return [
    name,
    median(times(cold, name)).toFixed(1),
    Math.min(...times(cold, name)).toFixed(1),
    ratio(cold),
    median(starts.map(({ majorFaults }) => majorFaults)).toFixed(0),
    (median(starts.map(({ readBytes }) => readBytes)) / 1e6).toFixed(1),
    median(times(warm, name)).toFixed(1),
    Math.min(...times(warm, name)).toFixed(1),
    ratio(warm),
  ];
}

/** The order turns round each time, so that none is always first. */
async function inRounds(
  subjects: readonly ColdSubject[],
  rounds: number,
  once: (subject: ColdSubject) => Promise<Start>,
): Promise<Figures> {
  const figures = new Map<string, Start[]>(subjects.map(({ name }) => [name, []]));
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
