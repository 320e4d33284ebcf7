/** Why a build was given up. */
export type BuildErrorCode =
  | "bad-source"
  | "bad-option"
  | "engine-missing"
  | "tool-missing"
  | "tool-failed"
  | "host-lacks"
  | "too-large";

/** A build that cannot be done. The message is one sentence: what is wrong and what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly code: BuildErrorCode;

  constructor(code: BuildErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
