import { fstatSync } from "node:fs";
import { writeAll } from "../platform/write-all.ts";
import { type LogFormat, type LogLevel, logLevels } from "./log-level.ts";

/** Takes one line that has no newline at its end. */
export type LogSink = (level: LogLevel, time: Date, line: string) => void;

const stdout = 1;

/**
 * Where lines go: to the descriptor that Lambda's managed images name in `_LAMBDA_TELEMETRY_LOG_FD`, which is removed
 * from `env`, or to stdout. Each line has been written when the call returns: a frozen process flushes nothing.
 */
export function logSink(env: NodeJS.ProcessEnv, format: LogFormat): LogSink {
  const text = env._LAMBDA_TELEMETRY_LOG_FD;
  if (text === undefined) return toStdout;
  delete env._LAMBDA_TELEMETRY_LOG_FD;
  const fd = Number(text);
  return /^\d+$/.test(text) && isOpen(fd) ? toTelemetry(fd, format) : toStdout;
}

/** A carriage return keeps the lines of one message one log event. JSON has none to keep. */
function toStdout(_level: LogLevel, _time: Date, line: string): void {
  writeAll(stdout, `${line.replace(/\r?\n/g, "\r")}\n`);
}

/** Frames of type, length and time, big endian, with which the lines of one message need no tricks. */
function toTelemetry(fd: number, format: LogFormat): LogSink {
  let open = true;
  return (level, time, line) => {
    if (open) open = writeAll(fd, frame(level, time, line, format));
    if (!open) toStdout(level, time, line);
  };
}

function frame(level: LogLevel, time: Date, line: string, format: LogFormat): Uint8Array {
  const payload = format === "text" ? `${line}\n` : line;
  const length = Buffer.byteLength(payload);
  const bytes = Buffer.allocUnsafe(16 + length);
  bytes.writeUInt32BE((0xa55a0002 | (logLevels[level] << 2) | (format === "text" ? 1 : 0)) >>> 0, 0);
  bytes.writeUInt32BE(length, 4);
  bytes.writeBigUInt64BE(BigInt(time.getTime()) * 1_000n, 8);
  bytes.write(payload, 16, "utf8");
  return bytes;
}

/** Something that takes output. A descriptor that was closed may be one of Node's own by now, which are of no such kind. */
function isOpen(fd: number): boolean {
  try {
    const about = fstatSync(fd);
    return about.isFIFO() || about.isSocket() || about.isFile() || about.isCharacterDevice();
  } catch {
    return false;
  }
}
