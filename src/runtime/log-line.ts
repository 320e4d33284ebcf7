import { formatWithOptions } from "node:util";
import type { LogLevel } from "./log-level.ts";

/** One message before it has a form. */
export interface LogEntry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly requestId: string | undefined;
  readonly tenantId: string | undefined;
  readonly values: readonly unknown[];
}

/** `time, request id, level, message` with tabs between, and no newline at the end. */
export function textLine({ time, requestId, level, values }: LogEntry): string {
  return `${time.toISOString()}\t${requestId}\t${level}\t${formatted(values)}`;
}

/** One JSON object: a single value is kept as it is, several become a sentence. The first error among them is shown. */
export function jsonLine({ time, requestId, tenantId, level, values }: LogEntry): string {
  const about = { timestamp: time.toISOString(), level, requestId, ...(tenantId === undefined ? {} : { tenantId }) };
  if (values.length !== 1) {
    const error = values.find((value) => value instanceof Error);
    return JSON.stringify({ ...about, message: formatted(values), ...(error === undefined ? {} : described(error)) });
  }
  try {
    return JSON.stringify({ ...about, message: values[0] }, errorsShown());
  } catch {
    // A cycle, a bigint, or a getter of the user's that throws.
    return JSON.stringify({ ...about, message: formatted(values) });
  }
}

/**
 * For one `JSON.stringify`: errors, which have no JSON of their own, with what they carry and what caused them. Each
 * shows that once, which also ends a circle of them.
 */
export function errorsShown(shown = new Set<unknown>()): (key: string, value: unknown) => unknown {
  return (_key, value) => {
    if (!(value instanceof Error)) return value;
    if (shown.has(value)) return described(value);
    shown.add(value);
    const { cause } = value;
    const errors = value instanceof AggregateError ? { errors: value.errors } : {};
    return { ...described(value), ...value, ...errors, ...(cause === undefined ? {} : { cause }) };
  };
}

function described(error: Error): object {
  const { message, stack } = error;
  const stackTrace = typeof stack === "string" ? stack.split("\n") : [];
  return { errorType: error.constructor?.name ?? "UnknownError", errorMessage: message, stackTrace };
}

function formatted(values: readonly unknown[]): string {
  return formatWithOptions({ colors: false }, ...values);
}
