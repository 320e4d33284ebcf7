import { type FunctionError, platformErrors } from "./function-error.ts";
import type { TimeoutPayload } from "./profile.ts";
import { unreachable } from "./unreachable.ts";

export interface TimedOut {
  readonly requestId: string;
  readonly timeoutMs: number;
  /** ISO 8601, when it happened. */
  readonly date: string;
}

/** The payload of an invocation that timed out: two decimals of the configured seconds, whatever surrounds them. */
export function timeoutPayload(wording: TimeoutPayload, { requestId, timeoutMs, date }: TimedOut): string {
  const sentence = timeoutSentence(timeoutMs);
  switch (wording) {
    case "error-with-request-id":
      return JSON.stringify(timedOut(`RequestId: ${requestId} Error: ${sentence}`));
    case "error":
      return JSON.stringify(timedOut(sentence));
    case "dated-message":
      return JSON.stringify({ errorMessage: `${date} ${requestId} ${sentence}` });
    case "text":
      return sentence;
    default:
      return unreachable(wording);
  }
}

export function timeoutSentence(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
}

function timedOut(errorMessage: string): FunctionError {
  return { errorType: platformErrors.timedOut, errorMessage };
}
