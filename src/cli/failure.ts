/** Whose mistake a failure is, as an exit code and one sentence. */

import { PortTakenError } from "../emulator/api/server.ts";
import { MissingCodeError } from "../emulator/folders.ts";
import { InvalidConfigurationError } from "../emulator/function-configuration.ts";
import { BuildError } from "../layer/build-error.ts";
import { ArchiveError } from "../platform/archive.ts";

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
} as const;

/** The command line, or something it names, is wrong. The message says what to do instead. */
export class UsageError extends Error {
  readonly code = "USAGE";
}

export interface Failure {
  readonly exitCode: number;
  readonly message: string;
}

/** What to tell the person, and what to tell the shell. */
export function failureOf(error: unknown): Failure {
  const users = [UsageError, MissingCodeError, InvalidConfigurationError, PortTakenError, BuildError, ArchiveError];
  if (error instanceof Error && users.some((kind) => error instanceof kind)) {
    return { exitCode: exitCodes.usage, message: sentence(error.message) };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: exitCodes.internal, message: `This is a bug of Bootlace, please report it: ${detail}` };
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
