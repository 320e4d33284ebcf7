/** Parts of `bootlace conformance` that judge nobody: they read and write documents. */
import { writeFileSync } from "node:fs";
import type { CaseFacts } from "../../conformance/case.ts";
import { cataloguePage } from "../../conformance/reports/catalogue-page.ts";
import { parseReport, type ReportDocument } from "../../conformance/reports/document.ts";
import { matrixHtml } from "../../conformance/reports/matrix-html.ts";
import { matrixMarkdown } from "../../conformance/reports/matrix-markdown.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { readInput } from "../input-file.ts";

/** Prints cases as lines, as JSON, or as a page. */
export function listCases(cases: readonly CaseFacts[], form: "lines" | "json" | "md"): number {
  const lines = cases.map(({ id, level, sentence }) => `${id.padEnd(11)}  ${level.padEnd(6)}  ${sentence}`);
  console.log(
    { lines: () => lines.join("\n"), json: () => JSON.stringify(cases, undefined, 2), md: () => cataloguePage(cases) }[
      form
    ](),
  );
  return exitCodes.success;
}

/** Sets several JSON reports side by side, as a page or as Markdown on standard output. */
export function writeMatrix(files: readonly string[], html: string | undefined): number {
  if (files.length === 0)
    throw new UsageError(
      'Name the reports that "--report json=FILE" wrote: bootlace conformance matrix results/*.json',
    );
  const reports = files.map(readReport);
  if (html === undefined) process.stdout.write(matrixMarkdown(reports));
  else writeDocument(html, matrixHtml(reports));
  return exitCodes.success;
}

/** Writes a document that the person asked for. */
export function writeDocument(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`Cannot write "${file}": ${error instanceof Error ? error.message : error}`);
  }
}

function readReport(file: string): ReportDocument {
  return parseReport(readInput(file, "report").toString(), file);
}
