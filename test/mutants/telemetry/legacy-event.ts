import { of } from "../mutant.ts";

export const telemetryLegacyEventMutants = of("telemetry/legacy-event.ts", [
  [
    "the Logs API's own schemas have later events",
    'schemaVersion > "2021-03-18" ? platformEvents : oldEvents',
    "platformEvents",
  ],
  ["the Logs API has its own schemas only", 'schemaVersion > "2021-03-18" ? platformEvents : oldEvents', "oldEvents"],
  [
    "nobody is told of a fault",
    'if (record.type === "platform.runtimeDone" && record.cause !== undefined) {',
    "if (false) {",
  ],
  ["invocations do not end", 'if (record.type !== "platform.report") return said;', "return said;"],
  ["the first schema knows the runtime's end", 'schemaVersion === "2020-08-15" ? [] :', "false ? [] :"],
  ["a crash is an error in the old schema", 'status === "error" ? "failure" : status', "status"],
]);
