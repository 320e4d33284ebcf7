/** Which records and lines reach a log in JSON format. DG/monitoring-cloudwatchlogs-log-level.html and -advanced.html */
import { unreachable } from "../../protocol/unreachable.ts";
import { jsonObject } from "./event.ts";
import type { PlatformRecord, RecordFacts } from "./record.ts";

/** From most to least. */
export const applicationLogLevels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type ApplicationLogLevel = (typeof applicationLogLevels)[number];

/** Levels of Lambda's own lines. */
export const systemLogLevels = ["DEBUG", "INFO", "WARN"] as const;
export type SystemLogLevel = (typeof systemLogLevels)[number];

/** Whether a log that is kept at `threshold` has what is written at `level`. */
export function logs(threshold: ApplicationLogLevel, level: ApplicationLogLevel): boolean {
  return applicationLogLevels.indexOf(level) >= applicationLogLevels.indexOf(threshold);
}

/** The level of a record in Lambda's table of system log events. */
export function recordLevel(record: PlatformRecord, facts: RecordFacts): SystemLogLevel {
  switch (record.type) {
    case "platform.initStart":
    case "platform.restoreStart":
      return facts.runtimeVersion === undefined ? "DEBUG" : "INFO";
    case "platform.initRuntimeDone":
    case "platform.runtimeDone":
    case "platform.restoreRuntimeDone":
      return record.status === "success" ? "DEBUG" : "WARN";
    case "platform.initReport":
      if (record.status !== "success") return "WARN";
      return facts.initializationType === "on-demand" ? "DEBUG" : "INFO";
    case "platform.start":
      return "INFO";
    case "platform.report":
    case "platform.restoreReport":
      return record.status === "success" ? "INFO" : "WARN";
    case "platform.extension":
      return record.errorType === undefined ? "INFO" : "WARN";
    default:
      return unreachable(record);
  }
}

/** The level that a function's line gives itself in its `level`; a line without a valid one is INFO. */
export function lineLevel(text: string): ApplicationLogLevel {
  const said = jsonObject(text)?.level;
  const level = typeof said === "string" ? said.toUpperCase() : "INFO";
  return applicationLogLevels.find((known) => known === level) ?? "INFO";
}
