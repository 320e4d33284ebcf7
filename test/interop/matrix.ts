import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseFacts } from "../../src/conformance/case.ts";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { type KnownFailure, readKnownFailing } from "../../src/conformance/known-failing.ts";
import { subjects } from "./subjects.ts";

/** What one subject came to. */
export interface Recorded {
  readonly name: string;
  readonly language: string;
  readonly version: string;
  /** Version of the suite. */
  readonly suite: string;
  readonly date: string;
  /** By the case's id: `passed`, `failed`, `n/a: why`, `not reached: which dependency`. */
  readonly verdicts: Readonly<Record<string, string>>;
}

/** What was recorded of our own bootstrap and of every subject. */
export function readRecords(): readonly Recorded[] {
  const files = ["bootlace", ...subjects.map(({ name }) => name)].map(resultFile).filter((file) => existsSync(file));
  return files.map((file) => JSON.parse(readFileSync(file, "utf8")));
}

export function resultFile(name: string): string {
  return name === "bootlace" ? join(import.meta.dirname, "bootlace.json") : fileOf(name, "result.json");
}

export function knownFor(name: string): readonly KnownFailure[] {
  const file = fileOf(name, "known-failing");
  return existsSync(file) ? readKnownFailing(file, runtimeCases) : [];
}

export function matrixOfRecords(): string {
  return matrixPage(runtimeCases, readRecords(), knownFor);
}

function fileOf(name: string, file: string): string {
  return join(import.meta.dirname, name, file);
}

/** docs/MATRIX.md: cases by subjects, and below it why each red cell is red. */
function matrixPage(
  cases: readonly CaseFacts[],
  records: readonly Recorded[],
  knownFor: (name: string) => readonly KnownFailure[],
): string {
  return [
    "# Conformance of real runtimes",
    "",
    "Made by `node test/interop/record.ts` from recorded results; do not edit. What each case asks is said by",
    "`bootlace conformance list`, and how it is judged by [CONFORMANCE.md](CONFORMANCE.md).",
    "",
    "| subject | language | version | judged | must | should | may |",
    "|---|---|---|---|---|---|---|",
    ...records.map((record) => {
      const share = (level: string) => shareOf(cases, record, level);
      const { name, language, version, date } = record;
      return `| ${name} | ${language} | ${version} | ${date} | ${share("must")} | ${share("should")} | ${share("may")} |`;
    }),
    "",
    "The figures are cases passed of cases that apply. ✓ passed, ✗ failed, – not applicable, · not reached because a case",
    "that it depends on failed.",
    "",
    `| case | level | what must hold | ${records.map(({ name }) => name).join(" | ")} |`,
    `|---|---|---|${records.map(() => ":-:|").join("")}`,
    ...cases.map(({ id, level, sentence }) => {
      const cells = records.map(({ verdicts }) => signOf(verdicts[id]));
      return `| ${id} | ${level} | ${sentence} | ${cells.join(" | ")} |`;
    }),
    "",
    "## Why the red cells are red",
    ...records.flatMap(({ name }) => {
      const known = knownFor(name);
      return known.length === 0
        ? []
        : ["", `### ${name}`, "", ...known.map(({ id, reason }) => `- **${id}** ${reason.replace(/[<>]/g, "\\$&")}`)];
    }),
    "",
  ].join("\n");
}

function shareOf(cases: readonly CaseFacts[], { verdicts }: Recorded, level: string): string {
  const words = cases.flatMap((found) => (found.level === level ? [verdicts[found.id] ?? "n/a"] : []));
  const applicable = words.filter((word) => !word.startsWith("n/a"));
  return applicable.length === 0
    ? "–"
    : `${applicable.filter((word) => word === "passed").length} of ${applicable.length}`;
}

function signOf(word = "n/a"): string {
  if (word === "passed") return "✓";
  if (word === "failed") return "✗";
  return word.startsWith("not reached") ? "·" : "–";
}
