import { formatWithOptions } from "node:util";
import { writeAll } from "../platform/write-all.ts";

const stdout = 1;
const stderr = 2;

const methods = [
  ["log", "INFO", stdout],
  ["info", "INFO", stdout],
  ["debug", "DEBUG", stdout],
  ["warn", "WARN", stderr],
  ["error", "ERROR", stderr],
  ["trace", "TRACE", stderr],
] as const;

/** Makes `console` write Lambda's text lines, each of them before the call returns: a frozen process flushes nothing. */
export function patchConsole(target: Console, requestId: () => string | undefined): void {
  for (const [method, level, fd] of methods) {
    target[method] = (...values: readonly unknown[]) => {
      const message = formatWithOptions({ colors: false }, ...values);
      writeAll(fd, logLine(new Date(), requestId(), level, message));
    };
  }
}

/** One line of the text log format. A carriage return keeps the lines of one message one log event. */
export function logLine(time: Date, requestId: string | undefined, level: string, message: string): string {
  return `${time.toISOString()}\t${requestId}\t${level}\t${message.replace(/\r?\n/g, "\r")}\n`;
}
