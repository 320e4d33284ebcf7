import { limits } from "./limits.ts";

/** What the caller of a failed invocation receives as payload; `stackTrace` only where a runtime reports one. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
}

/** Error types that the platform itself gives to an invocation. Spelled as in RIE fatalerror/fatalerror.go and real answers. */
export const platformErrors = {
  timedOut: "Sandbox.Timedout",
  restoreTimedOut: "Runtime.RestoreHookUserTimeout",
  runtimeExit: "Runtime.ExitError",
  runtimeUnknown: "Runtime.Unknown",
  functionUnknown: "Function.Unknown",
  invalidEntrypoint: "Runtime.InvalidEntrypoint",
  responseTooLarge: "Function.ResponseSizeTooLarge",
  truncatedResponse: "Runtime.TruncatedResponse",
  invalidResponseMode: "Runtime.InvalidResponseModeHeader",
  extensionCrash: "Extension.Crash",
  extensionInitError: "Extension.InitError",
  extensionExitError: "Extension.ExitError",
  extensionLaunchError: "Extension.LaunchError",
} as const;

/** What the caller of an oversize response gets: real answers name the limit only, and put the message first. */
export function responseTooLarge(): FunctionError {
  const { payloadBytesMax } = limits;
  return {
    errorMessage: `Response payload size exceeded maximum allowed payload size (${payloadBytesMax} bytes).`,
    errorType: platformErrors.responseTooLarge,
  };
}

/**
 * The error type as the platform records it: `Runtime.X` and `Function.X` pass, other `Function.…` and everything
 * else become `….Unknown`. The payload is never rewritten. RIE fatalerror/fatalerror.go
 */
export function recordedErrorType(reported: string | undefined): string {
  const type = reported ?? "";
  const accepted = /(Runtime|Function)\.[A-Z][a-zA-Z]+/.exec(type);
  if (accepted !== null) return type;
  return type.startsWith("Function.") ? platformErrors.functionUnknown : platformErrors.runtimeUnknown;
}

/** What the platform says for a runtime that reports an error without a body. RIE interop/sandbox_model.go */
export function unknownError(reported: string | undefined): FunctionError {
  return { errorMessage: "Unknown application error occurred", errorType: recordedErrorType(reported) };
}
