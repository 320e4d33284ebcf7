import { join } from "node:path";
import type { Job, Measurement } from "./job.ts";
import type { Subject } from "./subjects.ts";

/** One question, asked of every subject that can answer it. */
export interface Measure {
  readonly name: string;
  readonly kind: Kind;
  readonly title: string;
  readonly unit: "ms" | "µs" | "calls" | "MiB" | "times";
  readonly rounds: number;
  readonly job: Omit<Job, "command" | "environment" | "taskRoot" | "handler">;
  /** What the subject runs; the folder may hold one made for it. */
  readonly function: FunctionPlace;
  /** What one life of a subject says about the question. */
  readonly samples: (measurement: Measurement) => readonly number[];
}

/** A function of bench/functions by its name, or a built one by that of its folder in `builtFunctions`. */
export type FunctionPlace = { readonly plain: string } | { readonly built: string };

/** Built by `bootlace build function` from the folders of bench/real. */
export const realFunctions = [
  { name: "sdk", title: "AWS's SDK with two clients" },
  { name: "powertools", title: "Powertools and middy" },
  { name: "graphql", title: "GraphQL Yoga" },
] as const;

export const kinds = ["first-next", "first-answer", "warm", "calls", "memory"] as const;
export type Kind = (typeof kinds)[number];

const megabyte = 1_048_576;
const plainFunctions = join(import.meta.dirname, "functions");
const realFolder = join(import.meta.dirname, "real");

/**
 * V8 compiles a function for good when it has been called 3,000 times (`--invocation-count-for-turbofan`), on the core
 * that is measured, and again where it guessed wrong. Invocations before that are a measure of their own.
 */
const compiledAfter = 10_000;

const full: readonly Measure[] = [
  {
    name: "first-next",
    kind: "first-next",
    title: "From the start of the process to its first GET /next",
    unit: "ms",
    rounds: 150,
    job: { event: { bytes: 100 }, warmUpCycles: 0, cycles: 0 },
    function: { plain: "hello" },
    samples: ({ firstNextMs }) => [firstNextMs],
  },
  ...realFunctions.map(
    ({ name, title }): Measure => ({
      name: `first-answer-${name}`,
      kind: "first-answer",
      title: `From the start of the process to its first response: ${title}`,
      unit: "ms",
      rounds: 60,
      job: { event: { file: join(realFolder, name, "event.json") }, warmUpCycles: 0, cycles: 1 },
      function: { built: name },
      samples: ({ firstAnswerMs }) => [firstAnswerMs],
    }),
  ),
  young("100B", "100 bytes", 100),
  young("10KB", "10 KiB of JSON", 10_240),
  warm("100B", "100 bytes", { rounds: 16, bytes: 100, warmUpCycles: compiledAfter, cycles: 3_000 }),
  warm("10KB", "10 KiB of JSON", { rounds: 8, bytes: 10_240, warmUpCycles: compiledAfter, cycles: 2_000 }),
  warm("1MB", "1 MiB of JSON", { rounds: 12, bytes: megabyte, warmUpCycles: 10, cycles: 40 }),
  warm("6MB", "6 MiB of JSON", { rounds: 8, bytes: 6 * megabyte, warmUpCycles: 4, cycles: 10 }),
  {
    name: "calls",
    kind: "calls",
    title: "System calls of one warm invocation of 100 bytes, counted with strace",
    unit: "calls",
    rounds: 3,
    job: { event: { bytes: 100 }, warmUpCycles: 1_000, cycles: 1_000, countsCalls: true },
    function: { plain: "echo" },
    samples: ({ calls = Number.NaN, cyclesUs }) => [calls / cyclesUs.length],
  },
  {
    name: "memory-idle",
    kind: "memory",
    title: "Anonymous memory before the first invocation",
    unit: "MiB",
    rounds: 8,
    job: { event: { bytes: 100 }, warmUpCycles: 0, cycles: 1, memoryAt: [0] },
    function: { plain: "echo" },
    samples: ({ anonymousKiB: [idle = Number.NaN] }) => [idle / 1_024],
  },
  {
    name: "memory-growth",
    kind: "memory",
    title: "Anonymous memory after 10,000 invocations, divided by that after 1,000",
    unit: "times",
    rounds: 5,
    job: { event: { bytes: 100 }, warmUpCycles: 0, cycles: 10_000, memoryAt: [1_000, 10_000] },
    function: { plain: "echo" },
    samples: ({ anonymousKiB: [early = Number.NaN, late = Number.NaN] }) => [late / early],
  },
];

/** The first life of a subject, which counts for nothing but whether it works; afterwards its files are in memory. */
export const trial: Measure = { ...warm("trial", "100 bytes", { rounds: 1, bytes: 100, warmUpCycles: 0, cycles: 3 }) };

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

/** What one life of a subject is to do in a measure. */
export function jobOf(measure: Measure, { command, environment, withHandler, builtFunctions }: Subject): Job {
  const place = measure.function;
  const taskRoot = "plain" in place ? plainFunctions : join(builtFunctions ?? "", place.built);
  const handler = "plain" in place ? `${place.plain}.handler` : "index.handler";
  return { ...measure.job, command: withHandler ? [...command, handler] : command, environment, taskRoot, handler };
}

function warm(
  name: string,
  size: string,
  { rounds, bytes, ...cycles }: { rounds: number; bytes: number; warmUpCycles: number; cycles: number },
): Measure {
  return {
    name: `warm-${name}`,
    kind: "warm",
    title: `One warm invocation of ${size}`,
    unit: "µs",
    rounds,
    job: { event: { bytes }, ...cycles },
    function: { plain: "echo" },
    samples: ({ cyclesUs }) => cyclesUs,
  };
}

/** The first thousand invocations, which are all that many environments live to see. */
function young(name: string, size: string, bytes: number): Measure {
  const measure = warm(name, size, { rounds: 8, bytes, warmUpCycles: 1, cycles: 1_000 });
  return { ...measure, name: `young-${name}`, title: `One of the first 1,000 invocations of ${size}` };
}

function shortened(measure: Measure): Measure {
  const { warmUpCycles, cycles, memoryAt } = measure.job;
  const job = {
    ...measure.job,
    warmUpCycles: Math.min(warmUpCycles, quick.warmUpCycles),
    cycles: Math.min(cycles, quick.cycles),
    // The moments come earlier by as much as the life is shorter.
    ...(memoryAt === undefined
      ? {}
      : { memoryAt: memoryAt.map((at) => Math.round(at * Math.min(1, quick.cycles / cycles))) }),
  };
  return { ...measure, rounds: quick.rounds, job };
}
