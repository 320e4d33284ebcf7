import { type GoalFigure, goalFigures } from "./goals.ts";
import { jobOf, type Measure } from "./measures.ts";
import { baseline, loops } from "./peers.ts";
import type { ServerProcess } from "./server-process.ts";
import { median, pairedRatio, type Ratio, type Summary, spread, summary } from "./statistics.ts";
import type { Subject } from "./subjects.ts";

/** What one subject did in one measure. Times are in the unit of the measure, per invocation or per start. */
export interface SubjectFigures extends Summary {
  readonly subject: string;
  /** Distance of the quartiles of the rounds, as a share of their median. */
  readonly spread: number;
  /** Processor time of the subject and of the server: medians over rounds. */
  readonly subjectCpu?: number;
  readonly serverCpu: number;
  readonly ratio?: Ratio;
  /** To the loop in C with as many round trips. */
  readonly ratioToC?: Ratio;
}

/** The median of each round of a subject, by its name; undefined for one that took no part. */
export type MedianOf = (subject: string) => readonly number[] | undefined;

interface Round {
  readonly samples: readonly number[];
  readonly subjectCpu: number | undefined;
  readonly serverCpu: number;
}

/** Asks every subject in every round; the order turns round each time, so that none is always first. */
export async function inRounds(
  measure: Measure,
  subjects: readonly Subject[],
  server: ServerProcess,
): Promise<{ readonly figures: readonly SubjectFigures[]; readonly goals: readonly GoalFigure[] }> {
  const rounds = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < measure.rounds; round += 1) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
      rounds.get(subject)?.push(await oneRound(measure, subject, server));
  }
  const byName = new Map([...rounds].map(([{ name }, lives]) => [name, lives.map(({ samples }) => median(samples))]));
  const medians: MedianOf = (subject) => byName.get(subject);
  const ratioTo = (own: readonly number[], peer: string): Ratio | undefined => {
    const others = medians(peer);
    return others && pairedRatio(own, others);
  };
  const figures = [...rounds].map(([subject, lives]) => {
    const own = medians(subject.name) ?? [];
    return {
      subject: subject.name,
      ...summary(lives.flatMap(({ samples }) => samples)),
      spread: spread(own),
      ...subjectCpu(lives),
      serverCpu: median(lives.map(({ serverCpu }) => serverCpu)),
      ...present("ratio", ratioTo(own, baseline)),
      ...present("ratioToC", ratioTo(own, subject.oneWrite ? loops.oneWrite : loops.twoWrites)),
    };
  });
  return { figures, goals: goalFigures(measure.name, medians) };
}

/** One life of one subject. Rejects with the reason when it does not play along. */
export async function oneRound(measure: Measure, subject: Subject, server: ServerProcess): Promise<Round> {
  const job = jobOf(measure, subject);
  const figures = await server.run(job);
  const unitsPerUs = measure.unit === "ms" ? 1 / 1_000 : 1;
  const perCycle = (us: number) => (us * unitsPerUs) / Math.max(1, job.cycles);
  return {
    samples: measure.samples(figures),
    subjectCpu: figures.subjectCpuUs === undefined ? undefined : perCycle(figures.subjectCpuUs),
    serverCpu: perCycle(figures.serverCpuUs),
  };
}

function present(key: "ratio" | "ratioToC", ratio: Ratio | undefined): Partial<SubjectFigures> {
  return ratio === undefined ? {} : { [key]: ratio };
}

function subjectCpu(lives: readonly Round[]): { readonly subjectCpu?: number } {
  const times = lives.map((life) => life.subjectCpu).filter((time) => time !== undefined);
  return times.length < lives.length ? {} : { subjectCpu: median(times) };
}
