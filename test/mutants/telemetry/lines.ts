// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
import { of } from "../mutant.ts";

export const telemetryLinesMutants = of("telemetry/lines.ts", [
  [
    "REPORT comes without END",
    "[`END RequestId: ${record.requestId}`, report(record, facts)]",
    "[report(record, facts)]",
  ],
  ["the bill is rounded", "Math.ceil(", "Math.round("],
  ["the dust of binary fractions is billed", "Math.ceil(Number(durationMs.toFixed(6)))", "Math.ceil(durationMs)"],
  ["failures do not name their type", "errorType === undefined ? [] : [`Error Type: ${errorType}`]", "[]"],
  ["a version is made up", "if (runtimeVersion === undefined) return [];", ""],
  [
    "a successful Init is reported",
    'record.status === "success" && facts.initializationType !== "snap-start" ? [] : [initReport(record)]',
    "[initReport(record)]",
  ],
  ["the Init of a snapshot has no line", ' && facts.initializationType !== "snap-start" ?', " ?"],
  [
    "Init is not billed",
    'style === "aws" ? (initDurationMs ?? restoreDurationMs ?? 0)',
    'style === "aws" ? (restoreDurationMs ?? 0)',
  ],
  [
    "the restore is not billed",
    "(initDurationMs ?? restoreDurationMs ?? 0) : (restoreDurationMs ?? 0)",
    "(initDurationMs ?? 0) : (restoreDurationMs ?? 0)",
  ],
  [
    "a restore that failed looks like one that did not",
    'record.status === "success" ? [] : ending(record);\n  return [`RESTORE',
    'record.status !== "failure" ? [] : ending(record);\n  return [`RESTORE',
  ],
  [
    "Init was billed always",
    'style === "aws" ? (initDurationMs ?? restoreDurationMs ?? 0) : (restoreDurationMs ?? 0)',
    "initDurationMs ?? restoreDurationMs ?? 0",
  ],
  [
    "every line of Lambda's is in the style of the official emulator",
    'style !== "rie" || record',
    'style !== "lmi" || record',
  ],
  [
    "what went wrong has lines of its own today",
    'facts.style === "aws-2024" ? failureLines(record, facts.date?.() ?? "") : []',
    'failureLines(record, facts.date?.() ?? "")',
  ],
  [
    "what went wrong had no lines of its own",
    'facts.style === "aws-2024" ? failureLines(record, facts.date?.() ?? "") : []',
    "[]",
  ],
  ["REPORT had a status in 2024", 'record.status === "success" || style === "aws-2024"', 'record.status === "success"'],
]);
