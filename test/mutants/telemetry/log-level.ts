import { of } from "../mutant.ts";

export const telemetryLogLevelMutants = of("telemetry/log-level.ts", [
  [
    "a log has what is below its level",
    "applicationLogLevels.indexOf(level) >= applicationLogLevels.indexOf(threshold)",
    "true",
  ],
  [
    "a log lacks its own level",
    "applicationLogLevels.indexOf(level) >= applicationLogLevels.indexOf(threshold)",
    "applicationLogLevels.indexOf(level) > applicationLogLevels.indexOf(threshold)",
  ],
  ["a version is not worth a line", 'facts.runtimeVersion === undefined ? "DEBUG" : "INFO"', '"DEBUG"'],
  ["a failed Init is not worth a warning", 'if (record.status !== "success") return "WARN";', ""],
  ["Init on demand is worth a line", 'facts.initializationType === "on-demand" ? "DEBUG" : "INFO"', '"INFO"'],
  ["an extension that failed is not worth a warning", 'record.errorType === undefined ? "INFO" : "WARN"', '"INFO"'],
  ["levels are told apart by case", "said.toUpperCase()", "said"],
]);
