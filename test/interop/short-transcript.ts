import type { CaseResult } from "../../src/conformance/verdict.ts";

/** So many lines stay at either end of a transcript, and so many around each that offends. */
const linesAtEnds = 40;
const linesAround = 3;

/** The result as it is recorded: some runtimes make thousands of lines of what a few show. No offending line is lost. */
export function withShortTranscript(result: CaseResult): CaseResult {
  const { verdict } = result;
  if (verdict.type !== "failed") return result;
  return { ...result, verdict: { ...verdict, transcript: shortTranscript(verdict.transcript) } };
}

export function shortTranscript(lines: readonly string[]): readonly string[] {
  const indexes = (pattern: RegExp) => lines.flatMap((line, index) => (pattern.test(line) ? [index] : []));
  const around = indexes(/^!/).flatMap((index) => range(index - linesAround, index + linesAround));
  // What says so of an earlier time stays: shortened twice is shortened once.
  const stays = new Set([...around, ...indexes(/^ {2}… \d+ lines? left out$/)]);
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
