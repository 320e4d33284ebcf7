import type { CaseResult } from "./verdict.ts";

/** How much of a transcript stays. */
export interface TranscriptLimits {
  /** Lines at either end. */
  readonly linesAtEnds: number;
  /** Lines that offend, each with some around it: the first ones, as who repeats a mistake says nothing new. */
  readonly offendingMax: number;
}

/** Of a transcript on a terminal, in a record that is kept in a repository, and in a document. */
export const transcriptLimits = {
  terminal: { linesAtEnds: 20, offendingMax: 40 },
  record: { linesAtEnds: 40, offendingMax: 400 },
  document: { linesAtEnds: 200, offendingMax: 400 },
} as const satisfies Readonly<Record<string, TranscriptLimits>>;

/** So many lines stay around each that offends. */
const linesAround = 3;

/** The result with what of its transcript is worth looking at: some subjects make tens of thousands of lines. */
export function withShortTranscript(result: CaseResult, limits: TranscriptLimits): CaseResult {
  const { verdict } = result;
  if (verdict.type !== "failed") return result;
  return { ...result, verdict: { ...verdict, transcript: shortTranscript(verdict.transcript, limits) } };
}

/** Says how many lines are left out wherever some are. */
export function shortTranscript(
  lines: readonly string[],
  { linesAtEnds, offendingMax }: TranscriptLimits,
): readonly string[] {
  const indexes = (pattern: RegExp) => lines.flatMap((line, index) => (pattern.test(line) ? [index] : []));
  const offending = indexes(/^!/).slice(0, offendingMax);
  // What says so of an earlier time stays: shortened twice is shortened once.
  const stays = new Set(indexes(/^ {2}… \d+ lines? left out$/));
  for (const index of offending) for (const near of range(index - linesAround, index + linesAround)) stays.add(near);
  for (const index of [...range(0, linesAtEnds - 1), ...range(lines.length - linesAtEnds, lines.length - 1)])
    stays.add(index);
  const short: string[] = [];
  let leftOut = 0;
  for (const [index, line] of lines.entries()) {
    if (!stays.has(index)) leftOut += 1;
    else if (leftOut > 0) {
      short.push(`  … ${leftOut} ${leftOut === 1 ? "line" : "lines"} left out`, line);
      leftOut = 0;
    } else short.push(line);
  }
  return short;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
