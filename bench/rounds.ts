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
): Promise<readonly SubjectFigures[]> {
  const rounds = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < measure.rounds; round += 1) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
      rounds.get(subject)?.push(await oneRound(measure, subject, server));
  }
  const medians = (subject: Subject) => (rounds.get(subject) ?? []).map(({ samples }) => median(samples));
  const ratioTo = (subject: Subject, peer: string): Ratio | undefined => {
    const other = subjects.find(({ name }) => name === peer);
    return other === undefined ? undefined : pairedRatio(medians(subject), medians(other));
  };
  return [...rounds].map(([subject, lives]) => ({
    subject: subject.name,
    ...summary(lives.flatMap(({ samples }) => samples)),
    spread: spread(medians(subject)),
    ...subjectCpu(lives),
    serverCpu: median(lives.map(({ serverCpu }) => serverCpu)),
    ...present("ratio", ratioTo(subject, baseline)),
    ...present("ratioToC", ratioTo(subject, subject.oneWrite ? loops.oneWrite : loops.twoWrites)),
  }));
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
