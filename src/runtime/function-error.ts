import type { FunctionError } from "../protocol/function-error.ts";
import { withoutOwnFrames } from "./own-frames.ts";

/** Causes of causes are shown to this depth, which also ends a circle of them. */
const causesMax = 5;

/** An error of ours that brings the error type which the caller shall see. */
export class TypedError extends Error {
  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = errorType;
    // Frames of the runtime tell the function's author nothing.
    this.stack = `${errorType}: ${message}`;
  }
}

/** A promise that was rejected while nobody listened, under the name that the managed runtime gives it. */
export class UnhandledPromiseRejection extends Error {
  override readonly name = "Runtime.UnhandledPromiseRejection";
  readonly reason: unknown;

  constructor(reason: unknown) {
    const { errorType, errorMessage, stackTrace = [] } = functionErrorOf(reason);
    super(`${errorType}: ${errorMessage}`);
    this.reason = reason;
    this.stack = [`${this.name}: ${this.message}`, ...stackTrace.filter((line) => /^\s+at /.test(line))].join("\n");
  }
}

/** Describes whatever was thrown, and never throws itself: an error's getters are the user's code. */
export function functionErrorOf(thrown: unknown): FunctionError {
  try {
    return isErrorLike(thrown) ? describeError(thrown) : describeValue(thrown);
  } catch {
    return {
      errorType: "Runtime.Unknown",
      errorMessage: "The function threw something that cannot be described",
      stackTrace: [],
    };
  }
}

interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
}

/** By shape, since an error may come from another realm, such as a `vm` context; or by class, whatever was put into it. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  if (typeof thrown !== "object" || thrown === null) return false;
  if (thrown instanceof Error) return true;
  return (
    "message" in thrown && typeof thrown.message === "string" && "name" in thrown && typeof thrown.name === "string"
  );
}

/** Asks for each field once: a getter may say something else the second time. */
function describeError(error: ErrorLike): FunctionError {
  const { name, message } = error;
  return {
    errorType: typeof name === "string" && name !== "" ? name : "Error",
    errorMessage: typeof message === "string" ? message : describeValue(message).errorMessage,
    stackTrace: stackLines(error, causesMax),
  };
}

/** The stack, and below it those of the causes. An error of ours has said in its message what caused it. */
function stackLines(error: ErrorLike, causesLeft: number): readonly string[] {
  const { stack } = error;
  const lines = typeof stack === "string" ? withoutOwnFrames(stack).split("\n") : [];
  const cause = error instanceof TypedError || !("cause" in error) ? undefined : error.cause;
  if (cause === undefined || causesLeft === 0) return lines;
  const [first = String(cause), ...rest] = isErrorLike(cause) ? stackLines(cause, causesLeft - 1) : [];
  return [...lines, `Caused by: ${first}`, ...rest];
}

/** As the managed Node.js runtime does: the type of a thrown value is its `typeof`. */
function describeValue(thrown: unknown): FunctionError {
  const text = typeof thrown === "object" && thrown !== null ? JSON.stringify(thrown) : String(thrown);
  return { errorType: typeof thrown, errorMessage: text ?? String(thrown), stackTrace: [] };
}
