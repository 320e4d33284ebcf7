import type { InvocationRefusal } from "../core/environment/model.ts";

/** An invocation as the Lambda service hands it to an execution environment. */
export interface AcceptedInvocation {
  readonly requestId: string;
  /** New for each attempt, so that a late answer cannot be taken for this one's. */
  readonly invocationId: string;
  readonly event: Uint8Array;
  /** With the qualifier that the caller used. */
  readonly invokedFunctionArn: string;
  readonly traceId?: string;
  /** JSON text, already decoded. */
  readonly clientContext?: string;
  readonly tenantId?: string;
}

/** The invocation was never run, and the service answers with `refusal` as its error. */
export class InvocationRefusedError extends Error {
  readonly code = "INVOCATION_REFUSED";
  readonly refusal: InvocationRefusal;

  constructor(refusal: InvocationRefusal) {
    super(refusals[refusal]);
    this.refusal = refusal;
  }
}

/** The invocation was not run because every environment is busy; the service answers 429. */
export class ThrottledError extends Error {
  readonly code = "THROTTLED";
  readonly reason: string;

  constructor(reason: string) {
    super("Rate Exceeded.");
    this.reason = reason;
  }
}

/** The invocation was not run because the function is being closed. */
export class FunctionClosedError extends Error {
  readonly code = "FUNCTION_CLOSED";

  constructor() {
    super("Cannot invoke: the function has been closed");
  }
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html; the last is the official emulator's, which has no sentence for it. */
const refusals: Readonly<Record<InvocationRefusal, string>> = {
  SnapStartException:
    "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch logs.",
  SnapStartTimeoutException: "Lambda couldn't restore the snapshot within the timeout limit.",
  "Runtime.Unavailable": "No runtime worker waits for an invocation",
};

/** What the caller of an invocation gets. A function error is a result, not a failure of the service. */
export interface InvocationResult {
  readonly payload: Uint8Array;
  readonly functionError?: "Unhandled";
  /** Of a response that was streamed and has been collected. */
  readonly contentType?: string;
}

/** A result, and what can be had when the Invoke phase is over. */
export interface PlacedInvocation extends InvocationResult {
  readonly logTail: Promise<Buffer>;
}
