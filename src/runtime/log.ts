import { errorCode } from "../platform/error-code.ts";
import { functionErrorOf } from "./function-error.ts";
import { type LogLevel, logFormatOf, logLevelOf, logLevels } from "./log-level.ts";
import { errorsShown, jsonLine, textLine } from "./log-line.ts";
import { logSink } from "./log-sink.ts";
import { withoutOwnFrames } from "./own-frames.ts";

/** Whom a line is about. */
export interface LogSubject {
  readonly requestId: string | undefined;
  readonly tenantId: string | undefined;
}

/** The log of the function, in the format and from the level on that its configuration asks for. */
export interface Log {
  write(level: LogLevel, values: readonly unknown[]): void;
  /** Why an invocation or the function failed, in one line that monitoring tools know from the managed runtime. */
  failure(headline: string, thrown: unknown): void;
}

/** Builds the log from `env`; `subject` says on whose behalf something is written. */
export function createLog(env: NodeJS.ProcessEnv, subject: () => LogSubject): Log {
  const format = logFormatOf(env);
  const least = logLevels[logLevelOf(env)];
  const sink = logSink(env, format);
  const write = (level: LogLevel, values: readonly unknown[]): void => {
    if (logLevels[level] < least) return;
    const entry = { time: new Date(), level, ...subject(), values };
    sink(level, entry.time, format === "json" ? jsonLine(entry) : textLine(entry));
  };
  return {
    write,
    failure: (headline, thrown) =>
      write("ERROR", format === "json" ? [jsonError(thrown)] : [headline, `\t${textError(thrown)}`]),
  };
}

const consoleLevels = [
  ["trace", "TRACE"],
  ["debug", "DEBUG"],
  ["log", "INFO"],
  ["info", "INFO"],
  ["warn", "WARN"],
  ["error", "ERROR"],
  ["fatal", "FATAL"],
] as const;

/** Leads the methods of a console to a log. `fatal` is new on it, as it is in the managed runtime. */
export function patchConsole(target: object, log: Log): void {
  for (const [method, level] of consoleLevels) {
    Reflect.set(target, method, (...values: readonly unknown[]) => log.write(level, values));
  }
}

/** With the fields of the managed runtime's line: it says `stack` here, and `stackTrace` in JSON logs. */
function textError(thrown: unknown): string {
  try {
    return JSON.stringify(errorFields(thrown, "stack"), nestedErrors(thrown));
  } catch {
    return JSON.stringify(functionErrorOf(thrown));
  }
}

function jsonError(thrown: unknown): object {
  try {
    // Once over and back, so that a getter or a cycle of the user's shows here and not where the line is made.
    return JSON.parse(JSON.stringify(errorFields(thrown, "stackTrace"), nestedErrors(thrown)));
  } catch {
    return functionErrorOf(thrown);
  }
}

function errorFields(thrown: unknown, stackField: "stack" | "stackTrace"): object {
  if (!(thrown instanceof Error)) return functionErrorOf(thrown);
  const { stack, cause } = thrown;
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    // Some have it from their class, as an aborted `fetch` does.
    code: errorCode(thrown),
    ...thrown,
    ...(thrown instanceof AggregateError ? { errors: thrown.errors } : {}),
    ...(cause === undefined ? {} : { cause }),
    [stackField]: typeof stack === "string" ? withoutOwnFrames(stack).split("\n") : [],
  };
}

/** For what is inside an error of which the fields are written already. */
function nestedErrors(thrown: unknown): (key: string, value: unknown) => unknown {
  const show = errorsShown(new Set([thrown]));
  return (key, value) => {
    const shown = show(key, value);
    if (shown === value || typeof shown !== "object" || shown === null || !("stackTrace" in shown)) return shown;
    return { ...shown, stackTrace: withoutOwnFrames([shown.stackTrace].flat().join("\n")).split("\n") };
  };
}
