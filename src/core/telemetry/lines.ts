/** The Text log lines that Lambda writes for its platform records, byte for byte. */
import type { LogLineStyle } from "../../protocol/profile.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { failureLines, lmiLines, rieReport } from "./other-lines.ts";
import type { PlatformRecord, RecordFacts, Status } from "./record.ts";

/** What a line says besides its record. Of SnapStart an Init that succeeded has its line as well. DG/snapstart-monitoring.html */
export interface LineFacts
  extends Pick<RecordFacts, "version" | "memoryMb" | "maxMemoryUsedMb">,
    Partial<Pick<RecordFacts, "initializationType" | "runtimeVersion" | "runtimeVersionArn">> {
  /** Whose lines; today's Lambda's, unless it says otherwise. */
  readonly style?: LogLineStyle;
  /** Now, in ISO 8601, for the style that writes dates. */
  readonly date?: () => string;
}

/** The lines of one record, in order; most records have none in this format. */
export function linesOf(record: PlatformRecord, facts: LineFacts): readonly string[] {
  const { style = "aws" } = facts;
  if (style === "lmi") return lmiLines(record, facts.version, ms);
  const known = style !== "rie" || record.type === "platform.start" || record.type === "platform.report";
  return known ? linesOfService(record, facts) : [];
}

function linesOfService(record: PlatformRecord, facts: LineFacts): readonly string[] {
  switch (record.type) {
    case "platform.initStart":
      return versionLine("INIT_START", facts);
    case "platform.initRuntimeDone":
      return [];
    case "platform.runtimeDone":
      return facts.style === "aws-2024" ? failureLines(record, facts.date?.() ?? "") : [];
    case "platform.extension":
      return [`EXTENSION\tName: ${record.name}\tState: ${record.state}\tEvents: [${record.events.join(", ")}]`];
    case "platform.initReport":
      return record.status === "success" && facts.initializationType !== "snap-start" ? [] : [initReport(record)];
    case "platform.restoreStart":
      return versionLine("RESTORE_START", facts);
    case "platform.restoreRuntimeDone":
      return [];
    case "platform.restoreReport":
      return [restoreReport(record)];
    case "platform.start":
      return [`START RequestId: ${record.requestId} Version: ${facts.version}`];
    case "platform.report":
      return [`END RequestId: ${record.requestId}`, report(record, facts)];
    default:
      return unreachable(record);
  }
}

/** A line about versions only: where nobody knows them there is no line, rather than one with a made-up version. */
function versionLine(word: string, { runtimeVersion, runtimeVersionArn }: LineFacts): readonly string[] {
  if (runtimeVersion === undefined) return [];
  const arn = runtimeVersionArn === undefined ? [] : [`Runtime Version ARN: ${runtimeVersionArn}`];
  return [[`${word} Runtime Version: ${runtimeVersion}`, ...arn].join("\t")];
}

function initReport(record: PlatformRecord & { type: "platform.initReport" }): string {
  return [`INIT_REPORT Init Duration: ${ms(record.durationMs)}`, `Phase: ${record.phase}`, ...ending(record)].join(
    "\t",
  );
}

/** Real ones of successes carry the duration alone. */
function restoreReport(record: PlatformRecord & { type: "platform.restoreReport" }): string {
  const failure = record.status === "success" ? [] : ending(record);
  return [`RESTORE_REPORT Restore Duration: ${ms(record.durationMs)}`, ...failure].join("\t");
}

/** A success ends with a tab, anything else does not. What Init took is billed since August 2025. */
function report(record: PlatformRecord & { type: "platform.report" }, facts: LineFacts): string {
  const { durationMs, initDurationMs, restoreDurationMs } = record;
  const { memoryMb, style = "aws" } = facts;
  const billedBefore = style === "aws" ? (initDurationMs ?? restoreDurationMs ?? 0) : (restoreDurationMs ?? 0);
  const billed = `${billedMs(durationMs + billedBefore)} ms`;
  if (style === "rie") {
    const initDuration = initDurationMs === undefined ? undefined : ms(initDurationMs);
    return rieReport(record, { memoryMb, duration: ms(durationMs), billed, initDuration });
  }
  const fields = [
    `REPORT RequestId: ${record.requestId}`,
    `Duration: ${ms(durationMs)}`,
    `Billed Duration: ${billed}`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${facts.maxMemoryUsedMb} MB`,
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${ms(initDurationMs)}`]),
    ...(restoreDurationMs === undefined ? [] : restoreFields(restoreDurationMs)),
  ];
  const tabbed = record.status === "success" || style === "aws-2024";
  return [...fields, ...(tabbed ? [""] : ending(record))].join("\t");
}

/** Lambda does not bill what it takes to load a snapshot, and here that takes nothing. DG/snapstart-monitoring.html */
function restoreFields(durationMs: number): readonly string[] {
  return [`Restore Duration: ${ms(durationMs)}`, `Billed Restore Duration: ${billedMs(durationMs)} ms`];
}

/** Rounded up to whole milliseconds; what a sum of binary fractions has too much, 1e-6 ms and less, is not billed. */
export function billedMs(durationMs: number): number {
  return Math.ceil(Number(durationMs.toFixed(6)));
}

function ending(record: { readonly status: Status; readonly errorType?: string }): readonly string[] {
  const { status, errorType } = record;
  return [`Status: ${status}`, ...(errorType === undefined ? [] : [`Error Type: ${errorType}`])];
}

function ms(duration: number): string {
  return `${duration.toFixed(2)} ms`;
}
