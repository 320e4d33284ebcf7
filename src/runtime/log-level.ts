/** Lambda's log levels with their place in a telemetry frame's type. */
export const logLevels = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 } as const;

export type LogLevel = keyof typeof logLevels;
export type LogFormat = "text" | "json";

/** `AWS_LAMBDA_LOG_FORMAT`; anything but JSON is text. */
export function logFormatOf(env: NodeJS.ProcessEnv): LogFormat {
  return env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON" ? "json" : "text";
}

/** `AWS_LAMBDA_LOG_LEVEL`, the least that is written; everything when it is absent or unknown. */
export function logLevelOf(env: NodeJS.ProcessEnv): LogLevel {
  const level = env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase() ?? "";
  // as: the line asks just that.
  return Object.hasOwn(logLevels, level) ? (level as LogLevel) : "TRACE";
}
