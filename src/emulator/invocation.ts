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

/** What the caller of an invocation gets. A function error is a result, not a failure of the service. */
export interface InvocationResult {
  readonly payload: Uint8Array;
  readonly functionError?: "Unhandled";
  /** Of a response that was streamed and has been collected. */
  readonly contentType?: string;
}
