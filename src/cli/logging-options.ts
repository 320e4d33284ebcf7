/** The options by which commands say how a function's log is written. */
import { applicationLogLevels, systemLogLevels } from "../core/telemetry/log-level.ts";
import type { FunctionOptions } from "../emulator/function-options.ts";
import { oneOf } from "./command.ts";
import type { DescribedOptions } from "./options-help.ts";

export const loggingOptions = {
  "log-format": { type: "string", takes: "FORMAT", says: "Text or JSON", normally: "Text; JSON with --profile lmi" },
  "log-level": {
    type: "string",
    takes: "LEVEL",
    says: `of the function's records: ${applicationLogLevels.join(", ")}`,
  },
  "system-log-level": {
    type: "string",
    takes: "LEVEL",
    says: `of the platform's records: ${systemLogLevels.join(", ")}`,
  },
} as const satisfies DescribedOptions;

export interface LoggingValues {
  readonly "log-format"?: string | undefined;
  readonly "log-level"?: string | undefined;
  readonly "system-log-level"?: string | undefined;
}

export function loggingOf(values: LoggingValues): Partial<FunctionOptions> {
  const { "log-format": format, "log-level": level, "system-log-level": system } = values;
  return {
    ...(format === undefined ? {} : { logFormat: oneOf("log-format", format, ["Text", "JSON"] as const) }),
    ...(level === undefined ? {} : { applicationLogLevel: oneOf("log-level", level, applicationLogLevels) }),
    ...(system === undefined ? {} : { systemLogLevel: oneOf("system-log-level", system, systemLogLevels) }),
  };
}
