import type { FunctionError } from "../protocol/function-error.ts";

/** An error of ours that brings the error type which the caller shall see. */
export class TypedError extends Error {
  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = errorType;
    // Frames of the runtime tell the function's author nothing.
    this.stack = `${errorType}: ${message}`;
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
  readonly name: string;
  readonly message: string;
  readonly stack?: unknown;
}

/** By shape and not by class: an error may come from another realm, such as a `vm` context. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  if (typeof thrown !== "object" || thrown === null) return false;
  return (
    "name" in thrown && typeof thrown.name === "string" && "message" in thrown && typeof thrown.message === "string"
  );
}

function describeError(error: ErrorLike): FunctionError {
  const { stack } = error;
  const stackTrace = typeof stack === "string" ? stack.split("\n") : [];
  return { errorType: error.name || "Error", errorMessage: error.message, stackTrace };
}

/** As the managed Node.js runtime does: the type of a thrown value is its `typeof`. */
function describeValue(thrown: unknown): FunctionError {
  const text = typeof thrown === "object" && thrown !== null ? JSON.stringify(thrown) : String(thrown);
  return { errorType: typeof thrown, errorMessage: text ?? String(thrown), stackTrace: [] };
}
