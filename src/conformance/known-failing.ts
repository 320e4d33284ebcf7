import { readFileSync } from "node:fs";
import type { CaseFacts, CaseId } from "./case.ts";
import { type CaseResult, SubjectError } from "./verdict.ts";

/** A case that a subject is known to fail, and why. */
export interface KnownFailure {
  readonly id: CaseId;
  readonly reason: string;
}

/**
 * Reads a list of known failures: an id at the start of a line begins an entry, and what follows it, on that line and on
 * indented ones below, is the reason. Empty lines and those that begin with `#` are nothing. A name that is no case's is
 * told, and its entry left out.
 */
export function readKnownFailing(
  file: string,
  cases: readonly CaseFacts[],
  unknown: (problem: string) => void = refuse,
): readonly KnownFailure[] {
  const entries: { id: CaseId; reason: string }[] = [];
  let skipped = false;
  for (const [index, line] of textOf(file).split("\n").entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const last = entries.at(-1);
    if (/^\s/.test(line) && (last !== undefined || skipped)) {
      if (last !== undefined && !skipped) last.reason = `${last.reason} ${line.trim()}`.trim();
      continue;
    }
    const [word = "", ...rest] = line.split(/:?\s+/);
    const found = cases.find(({ id }) => id === word);
    skipped = found === undefined;
    if (found === undefined) {
      unknown(`Line ${index + 1} of "${file}" names no case: "${word}"`);
      continue;
    }
    if (entries.some(({ id }) => id === found.id)) throw new SubjectError(`"${file}" names ${found.id} twice`);
    entries.push({ id: found.id, reason: rest.join(" ") });
  }
  return entries;
}

/** The result, marked where the list has its case. */
export function markKnown(result: CaseResult, known: readonly KnownFailure[]): CaseResult {
  const found = known.find(({ id }) => id === result.facts.id);
  return found === undefined ? result : { ...result, known: { reason: found.reason } };
}

function refuse(problem: string): never {
  throw new SubjectError(problem);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SubjectError(`Cannot read "${file}": ${error instanceof Error ? error.message : error}`);
  }
}
