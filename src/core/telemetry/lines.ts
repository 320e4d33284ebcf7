/** The Text log lines that Lambda writes for its platform records, byte for byte. */
import { unreachable } from "../../protocol/unreachable.ts";
import type { PlatformRecord, Status } from "./record.ts";

/** What a line says besides its record. */
export interface LineFacts {
  readonly version: string;
  readonly memoryMb: number;
  readonly maxMemoryUsedMb: number;
}

/** The lines of one record, in order; most records have none in this format. */
export function linesOf(record: PlatformRecord, facts: LineFacts): readonly string[] {
  switch (record.type) {
    case "platform.initStart":
    case "platform.initRuntimeDone":
    case "platform.runtimeDone":
      return [];
    case "platform.extension":
      return [`EXTENSION\tName: ${record.name}\tState: ${record.state}\tEvents: [${record.events.join(", ")}]`];
    case "platform.initReport":
      return record.status === "success" ? [] : [initReport(record)];
    case "platform.start":
      return [`START RequestId: ${record.requestId} Version: ${facts.version}`];
    case "platform.report":
      return [`END RequestId: ${record.requestId}`, report(record, facts)];
    default:
      return unreachable(record);
  }
}

function initReport(record: PlatformRecord & { type: "platform.initReport" }): string {
  return [`INIT_REPORT Init Duration: ${ms(record.durationMs)}`, `Phase: ${record.phase}`, ...ending(record)].join(
    "\t",
  );
}

/** A success ends with a tab, anything else does not. */
function report(record: PlatformRecord & { type: "platform.report" }, facts: LineFacts): string {
  const { durationMs, initDurationMs } = record;
  const fields = [
    `REPORT RequestId: ${record.requestId}`,
    `Duration: ${ms(durationMs)}`,
    `Billed Duration: ${Math.ceil(durationMs + (initDurationMs ?? 0))} ms`,
    `Memory Size: ${facts.memoryMb} MB`,
    `Max Memory Used: ${facts.maxMemoryUsedMb} MB`,
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${ms(initDurationMs)}`]),
  ];
  return [...fields, ...(record.status === "success" ? [""] : ending(record))].join("\t");
}

function ending(record: { readonly status: Status; readonly errorType?: string }): readonly string[] {
  const { status, errorType } = record;
  return [`Status: ${status}`, ...(errorType === undefined ? [] : [`Error Type: ${errorType}`])];
}

function ms(duration: number): string {
  return `${duration.toFixed(2)} ms`;
}
