import type { GoalFigure } from "./goals.ts";
import type { Machine } from "./machine.ts";
import type { Measure } from "./measures.ts";
import { baseline } from "./peers.ts";
import type { SubjectFigures } from "./rounds.ts";
import type { Ratio } from "./statistics.ts";
import type { Absence, Subject } from "./subjects.ts";

/** All that one run found out. `--json` prints it. */
export interface Report {
  readonly machine: Machine;
  readonly loadAtEnd: number;
  /** A smoke run: the figures mean nothing. */
  readonly quick: boolean;
  readonly baseline: string;
  readonly subjects: readonly Pick<Subject, "name" | "what">[];
  readonly absent: readonly Absence[];
  readonly measures: readonly MeasureFigures[];
}

export type MeasureFigures = Pick<Measure, "name" | "title" | "unit" | "rounds"> & {
  readonly figures: readonly SubjectFigures[];
  readonly goals: readonly GoalFigure[];
};

export function jsonReport(report: Report): string {
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" ? Math.round(value * 10_000) / 10_000 : value;
  return JSON.stringify(report, rounded, 2);
}

export function textReport(report: Report): string {
  const { subjects, absent, measures } = report;
  const width = Math.max(...[...subjects, ...absent].map(({ name }) => name.length));
  const lines = [
    machineLine(report.machine),
    "",
    ...subjects.map(({ name, what }) => `${name.padEnd(width)}  ${what}`),
    ...absent.map(({ name, reason }) => `${name.padEnd(width)}  absent: ${reason}`),
    ...measures.flatMap((measure) => ["", ...measureLines(measure)]),
    "",
    ...goalLines(report),
    noiseLine(report),
  ];
  return lines.join("\n");
}

function machineLine({ cpu, cores, node, kernel, date, pinnedTo }: Machine): string {
  const pinned = pinnedTo === undefined ? "not pinned" : `server and subject share core ${pinnedTo}`;
  return `${cpu}, ${cores} cores, Node ${node}, ${kernel}, ${pinned}, ${date.slice(0, 10)}`;
}

function measureLines({ title, unit, rounds, figures }: MeasureFigures): readonly string[] {
  const withC = figures.some(({ ratioToC }) => ratioToC !== undefined);
  const header = ["", "median", "min", "p99", "CPU", `to ${baseline}`, ...(withC ? ["to C, as many round trips"] : [])];
  const rows = figures.map(({ subject, median, min, p99, subjectCpu, ratio, ratioToC }) => [
    subject,
    ...[median, min, p99, subjectCpu].map(inUnit),
    ratioText(ratio),
    ...(withC ? [ratioText(ratioToC)] : []),
  ]);
  const server = figures.map(({ serverCpu }) => serverCpu);
  const about = `${title}: ${unit}, ${rounds} rounds, ${figures[0]?.samples ?? 0} samples each`;
  if (!isTime(unit))
    return [about, ...table([header, ...rows].map(([name = "", ...cells]) => [name, ...cells.toSpliced(3, 1)]))];
  return [
    about,
    ...table([header, ...rows]),
    `Of each, the server's own processor time: ${inUnit(Math.min(...server))} to ${inUnit(Math.max(...server))} ${unit}`,
  ];
}

/** Whether each figure is where it is meant to be; what a smoke run finds is nowhere. */
function goalLines({ measures, quick }: Report): readonly string[] {
  const goals = measures.flatMap((measure) => measure.goals);
  if (quick || goals.length === 0) return [];
  const header = ["What is aimed at", "of", "against", "figure", "at most", ""];
  const rows = goals.map(({ measure, subject, against, figure, middleHalf, atMost }) => [
    ...[measure, subject, against ?? "", middleHalf === undefined ? inUnit(figure) : ratioText(middleHalf)],
    ...[atMost.toFixed(2), figure <= atMost ? "met" : "missed"],
  ]);
  return [...table([header, ...rows]), ""];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const padded = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(columns[column] ?? 0) : cell.padStart(columns[column] ?? 0);
  return rows.map((row) => `  ${row.map(padded).join("  ")}`.trimEnd());
}

function isTime(unit: Measure["unit"]): boolean {
  return unit === "ms" || unit === "µs";
}

function inUnit(value: number | undefined): string {
  if (value === undefined) return "-";
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function ratioText(ratio: Ratio | undefined): string {
  if (ratio === undefined) return "-";
  return `${ratio.median.toFixed(2)} (${ratio.lowerQuartile.toFixed(2)}-${ratio.upperQuartile.toFixed(2)})`;
}

function noiseLine({ machine, loadAtEnd, measures, quick }: Report): string {
  if (quick) return "A smoke run: the figures mean nothing.";
  const all = measures.flatMap(({ name, figures }) =>
    figures.map(({ subject, spread }) => ({ name, subject, spread })),
  );
  const [widest] = all.toSorted((a, b) => b.spread - a.spread);
  if (widest === undefined) return "";
  const percent = `${Math.round(widest.spread * 100)} %`;
  const where = `${widest.subject} in ${widest.name}`;
  return `Noise: the middle half of the rounds spans up to ${percent} of the median (${where}), and the load went from ${machine.loadAtStart} to ${loadAtEnd}; compare ratios, whose middle half is in brackets, and only within one run.`;
}
