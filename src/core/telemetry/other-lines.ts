/** Text log lines of the Lambdas that today's is not: those before it, and the official emulator's two cores. */
import type { PlatformRecord } from "./record.ts";

type Report = PlatformRecord & { type: "platform.report" };
type RuntimeDone = PlatformRecord & { type: "platform.runtimeDone" };

/** The fields of a line, with what only its writer knows. */
export interface ReportFields {
  readonly memoryMb: number;
  readonly duration: string;
  readonly billed: string;
  readonly initDuration?: string | undefined;
}

/** Before `Status` and `Error Type` there were lines for what went wrong, ahead of END. protocol 4.6 */
export function failureLines(record: RuntimeDone, date: string): readonly string[] {
  const { requestId, status, cause = "", errorType = "" } = record;
  if (status === "success") return [];
  if (status === "timeout") return [`${date} ${requestId} ${cause}`, ""];
  return [`RequestId: ${requestId} Error: ${cause}`, errorType];
}

/** The Init first, the memory as if all of it were used, and a tab at the end whatever happened. RIE rie/handlers.go */
export function rieReport({ requestId }: Report, { memoryMb, duration, billed, initDuration }: ReportFields): string {
  const init = initDuration === undefined ? "" : `Init Duration: ${initDuration}\t`;
  const memory = `Memory Size: ${memoryMb} MB\tMax Memory Used: ${memoryMb} MB`;
  return `REPORT RequestId: ${requestId}\t${init}Duration: ${duration}\tBilled Duration: ${billed}\t${memory}\t`;
}

/** RIE-LMI aws-lambda-rie/internal/telemetry/events_api.go */
export function lmiLines(
  record: PlatformRecord,
  version: string,
  durationOf: (ms: number) => string,
): readonly string[] {
  if (record.type === "platform.start") return [`START RequestId: ${record.requestId}\tVersion: ${version}`];
  if (record.type !== "platform.report") return [];
  const { requestId, durationMs } = record;
  return [`END RequestId: ${requestId}`, `REPORT RequestId: ${requestId}\tDuration: ${durationOf(durationMs)}`];
}
