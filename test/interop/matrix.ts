import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { type KnownFailure, readKnownFailing } from "../../src/conformance/known-failing.ts";
import { parseReport, type ReportDocument } from "../../src/conformance/reports/document.ts";
import { matrixMarkdown } from "../../src/conformance/reports/matrix-markdown.ts";
import { readEmulatorRecords } from "./emulators.ts";
import { subjects } from "./subjects.ts";

/** What was recorded of our own bootstrap and of every subject. */
export function readRecords(): readonly ReportDocument[] {
  const files = ["bootlace", ...subjects.map(({ name }) => name)].map(resultFile).filter((file) => existsSync(file));
  return files.map((file) => parseReport(readFileSync(file, "utf8"), file));
}

export function resultFile(name: string): string {
  return name === "bootlace" ? join(import.meta.dirname, "bootlace.json") : fileOf(name, "result.json");
}

export function knownFor(name: string): readonly KnownFailure[] {
  const file = fileOf(name, "known-failing");
  return existsSync(file) ? readKnownFailing(file, runtimeCases) : [];
}

/** docs/MATRIX.md: cases by subjects, and below it why each red cell is red. */
export function matrixOfRecords(): string {
  return matrixMarkdown(
    [...readRecords(), ...readEmulatorRecords()],
    [
      "Made by `node test/interop/record.ts` and `record-emulators.ts` from recorded results; do not edit. What each case asks is said by",
      "[CASES.md](CASES.md), and how it is judged by [CONFORMANCE.md](CONFORMANCE.md). The same with the evidence behind each",
      "cell is a page: `bootlace conformance matrix test/interop/*.json test/interop/{,emulators/}*/result.json --html matrix.html`.",
      "",
    ],
  );
}

function fileOf(name: string, file: string): string {
  return join(import.meta.dirname, name, file);
}
