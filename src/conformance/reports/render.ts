/** Results as documents for programs and for pages. */
import { tallyOf } from "../report.ts";
import type { CaseResult } from "../verdict.ts";
import { annotations } from "./annotations.ts";
import { badge } from "./badge.ts";
import type { ReportDocument, ReportedResult, SubjectKind } from "./document.ts";
import { htmlReport } from "./html-report.ts";
import { junitReport } from "./junit.ts";
import { markdownReport } from "./markdown.ts";
import { tapReport } from "./tap.ts";

export const reportFormats = ["json", "junit", "tap", "html", "md", "badge", "annotations"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportFacts {
  readonly kind: SubjectKind;
  readonly subject: ReportDocument["subject"];
  /** Of an emulator. */
  readonly puppet?: ReportDocument["puppet"];
  /** Of the suite. */
  readonly version: string;
  /** ISO date and time. */
  readonly date: string;
  /** Somebody ended the run before all cases were through. */
  readonly interrupted: boolean;
}

/** What a run came to; every format is made from it. */
export function reportOf(facts: ReportFacts, results: readonly CaseResult[]): ReportDocument {
  const { kind, subject, puppet, version, date, interrupted } = facts;
  return {
    schema: 1,
    suite: { name: "bootlace", version },
    kind,
    subject,
    ...(puppet === undefined ? {} : { puppet }),
    date,
    interrupted,
    tally: tallyOf(results),
    results: results.map(resultOf),
  };
}

/** The document as text in this format. */
export function renderReport(format: ReportFormat, document: ReportDocument): string {
  return renderers[format](document);
}

const renderers: Readonly<Record<ReportFormat, (document: ReportDocument) => string>> = {
  json: (document) => `${JSON.stringify(document, undefined, 2)}\n`,
  junit: junitReport,
  tap: tapReport,
  html: htmlReport,
  md: markdownReport,
  badge,
  annotations,
};

function resultOf({ facts, verdict, durationMs, known }: CaseResult): ReportedResult {
  const { id, level, sentence, why, source } = facts;
  const plain: ReportedResult["verdict"] =
    verdict.type === "failed"
      ? {
          type: "failed",
          findings: verdict.findings.map(({ expected, saw }) => ({ expected, saw })),
          observations: [...verdict.observations],
          transcript: [...verdict.transcript],
        }
      : verdict.type === "passed"
        ? { type: "passed", observations: [...verdict.observations] }
        : { ...verdict };
  const listed = known === undefined ? {} : { known: { reason: known.reason } };
  return { id, level, sentence, why, source, verdict: plain, ...listed, durationMs: Math.round(durationMs) };
}
