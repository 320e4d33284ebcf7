import type { Job } from "./job.ts";

/** One question, asked of every subject. */
export interface Measure {
  readonly name: string;
  readonly kind: Kind;
  readonly title: string;
  readonly unit: "ms" | "µs";
  readonly rounds: number;
  readonly job: Pick<Job, "eventBytes" | "warmUpCycles" | "cycles"> & { readonly function: string };
}

export const kinds = ["first-next", "warm"] as const;
export type Kind = (typeof kinds)[number];

const megabyte = 1_048_576;

const full: readonly Measure[] = [
  {
    name: "first-next",
    kind: "first-next",
    title: "From the start of the process to its first GET /next",
    unit: "ms",
    rounds: 150,
    job: { function: "hello", eventBytes: 100, warmUpCycles: 0, cycles: 0 },
  },
  {
    name: "warm-100B",
    kind: "warm",
    title: "One warm invocation of 100 bytes",
    unit: "µs",
    rounds: 16,
    job: { function: "echo", eventBytes: 100, warmUpCycles: 3_000, cycles: 3_000 },
  },
  {
    name: "warm-1MB",
    kind: "warm",
    title: "One warm invocation of 1 MiB of JSON",
    unit: "µs",
    rounds: 12,
    job: { function: "echo", eventBytes: megabyte, warmUpCycles: 10, cycles: 40 },
  },
];

/** The first life of a subject, which counts for nothing but whether it works; afterwards its files are in memory. */
export const trial: Measure = {
  name: "trial",
  kind: "warm",
  title: "Whether it works",
  unit: "µs",
  rounds: 1,
  job: { function: "echo", eventBytes: 100, warmUpCycles: 0, cycles: 3 },
};

/** Enough to see that everything works; the figures mean nothing. */
const quick = { rounds: 2, warmUpCycles: 5, cycles: 20 };

/** Which measures to take, how often. */
export interface Choice {
  readonly only: Kind | undefined;
  readonly rounds: number | undefined;
  readonly quick: boolean;
}

export function chosenMeasures(choice: Choice): readonly Measure[] {
  const chosen = full.filter(({ kind }) => choice.only === undefined || kind === choice.only);
  return chosen.map((measure) => {
    const sized = choice.quick ? shortened(measure) : measure;
    return { ...sized, rounds: choice.rounds ?? sized.rounds };
  });
}

function shortened(measure: Measure): Measure {
  const { warmUpCycles, cycles } = measure.job;
  const job = {
    ...measure.job,
    warmUpCycles: Math.min(warmUpCycles, quick.warmUpCycles),
    cycles: Math.min(cycles, quick.cycles),
  };
  return { ...measure, rounds: quick.rounds, job };
}
