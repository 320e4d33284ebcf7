/** Whose mistake a failure is, as an exit code and one sentence. */

import { MissingCodeError, PackageTooLargeError } from "../emulator/folders.ts";
import { InvalidConfigurationError } from "../emulator/function-configuration.ts";
import { CannotConfineError } from "../emulator/supervisor/enforcement.ts";
import { InvalidCorsError } from "../emulator/url-cors.ts";
import { BadFaultPlanError } from "../faults/fault.ts";
import { BuildError } from "../layer/build-error.ts";
import { ArchiveError } from "../platform/archive.ts";
import { BroughtFilesError } from "../platform/user-cache.ts";

/** Exit codes of every command. */
export const exitCodes = {
  success: 0,
  /** The function failed. */
  function: 1,
  /** The person who typed the command can mend it. */
  usage: 2,
  /** A bug of ours. */
  internal: 70,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
  /** Nobody reads what it prints: as shells count SIGPIPE. */
  unread: 141,
} as const;

/** The command line, or something it names, is wrong. The message says what to do instead. */
export class UsageError extends Error {
  readonly code = "USAGE";
}

export interface Failure {
  readonly exitCode: number;
  readonly message: string;
}

/** Options by the configuration's field that they set. */
const optionOf: Readonly<Record<string, string>> = {
  functionName: "--name",
  handler: "--handler",
  memoryMb: "--memory",
  timeoutMs: "--timeout",
  environment: '--env" or "--variables',
  logFormat: "--log-format",
  applicationLogLevel: "--log-level",
  systemLogLevel: "--system-log-level",
  profile: "--profile",
  maxConcurrency: "--max-concurrency",
  provisioned: "--provisioned",
  snapStart: "--snap-start",
  tmpMb: "--tmp",
};

/** What to tell the person, and what to tell the shell. */
export function failureOf(error: unknown): Failure {
  const usersOwn = usersMistake(error);
  if (usersOwn !== undefined) return { exitCode: exitCodes.usage, message: sentence(usersOwn) };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: exitCodes.internal, message: `This is a bug of Bootlace, please report it: ${detail}` };
}

/** The message of a failure that the person can mend; undefined for any other. */
function usersMistake(error: unknown): string | undefined {
  if (error instanceof InvalidConfigurationError) {
    const option = optionOf[error.field];
    return option === undefined ? error.message : `Option "${option}" takes ${error.takes}`;
  }
  const users = [
    UsageError,
    MissingCodeError,
    PackageTooLargeError,
    CannotConfineError,
    BuildError,
    ArchiveError,
    BroughtFilesError,
    BadFaultPlanError,
    InvalidCorsError,
  ];
  return error instanceof Error && users.some((kind) => error instanceof kind) ? error.message : undefined;
}

/** One line with a full stop. */
function sentence(message: string): string {
  const line = message.replace(/\s*\n\s*/g, " ").trim();
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
