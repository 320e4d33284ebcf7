/** Events that an extension may ask for. */
export type ExtensionEventType = "INVOKE" | "SHUTDOWN";

/** Why an environment shuts down, in the spelling of real SHUTDOWN events. */
export type ShutdownReason = "spindown" | "timeout" | "failure";

/** Body of `event/next` for an INVOKE. `deadlineMs` is epoch milliseconds. */
export interface InvokeEvent {
  readonly eventType: "INVOKE";
  readonly deadlineMs: number;
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  readonly tracing?: { readonly type: "X-Amzn-Trace-Id"; readonly value: string };
}

/** Body of `event/next` for a SHUTDOWN; it arrives labelled text/plain and must be read as JSON all the same. */
export interface ShutdownEvent {
  readonly eventType: "SHUTDOWN";
  readonly deadlineMs: number;
  readonly shutdownReason: string;
}
