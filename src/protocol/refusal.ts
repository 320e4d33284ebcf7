import type { TelemetryApi } from "./telemetry.ts";

/** A 4xx or 5xx that one of the environment's APIs gives to a client, in Lambda's own words. */
export interface Refusal {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
}

/** Refusals of the Runtime API. RIE rapi/rendering/render_error.go */
export const runtimeRefusals = {
  invalidRequestId: { status: 400, errorType: "InvalidRequestID", errorMessage: "Invalid request ID" },
  truncated: {
    status: 400,
    errorType: "TruncatedHTTPRequest",
    errorMessage: "HTTP request detected as truncated",
  },
  invalidResponseMode: {
    status: 400,
    errorType: "InvalidFunctionResponseMode",
    errorMessage: "Invalid function response mode",
  },
  invokeTimeout: { status: 410, errorType: "InvokeTimeout", errorMessage: "Invoke timeout" },
  internal: { status: 500, errorType: "InternalServerError", errorMessage: "Internal Server Error" },
} as const satisfies Record<string, Refusal>;

/** 413 for a body over `bytesMax`. RIE rapi/rendering/render_error.go */
export function tooLarge(bytesMax: number): Refusal {
  return {
    status: 413,
    errorType: "RequestEntityTooLarge",
    errorMessage: `Exceeded maximum allowed payload size (${bytesMax} bytes).`,
  };
}

/** 403 for a runtime's call that its state does not allow. State names as in RIE core/runtime_state_names.go */
export function runtimeTransitionRefused(from: RuntimeStateName, to: RuntimeStateName): Refusal {
  return {
    status: 403,
    errorType: "InvalidStateTransition",
    errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
  };
}

/** The same refusal with another reason why a state does not allow the call; others are as they were. */
export function withTransitionReason(refusal: Refusal, reason: string): Refusal {
  const errorMessage = refusal.errorMessage.replace(/State transition is not allowed$/, () => reason);
  return { ...refusal, errorMessage };
}

/** The runtime's states by the names that Lambda writes in refusals. RIE core/runtime_state_names.go */
export type RuntimeStateName =
  | "Started"
  | "InitError"
  | "RestoreReady"
  | "Restoring"
  | "RuntimeRestoreErrorState"
  | "Ready"
  | "Running"
  | "InvocationResponse"
  | "InvocationErrorResponse"
  | "RuntimeResponseSentState";

/** Refusals of the Extensions API that carry no name. RIE rapi/handler/agentregister.go and real answers */
export const extensionRefusals = {
  emptyName: refused("Extension.InvalidExtensionName", "Empty extension name"),
  deprecatedKeys: refused(
    "InvalidRequestFormat",
    "configurationKeys are deprecated; use environment variables instead",
  ),
  internalShutdown: refused("Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"),
  internalEvents: refused("Extension.InvalidEventType", "No events allowed for internal extensions"),
  nameTaken: refused("Extension.InvalidExtensionState", "Extension with this name already registered"),
  tooMany: refused("Extension.TooManyExtensions", "Extension limit (10) reached"),
  registrationClosed: refused("Extension.RegistrationClosed", "Extension registration closed already"),
  missingIdentifier: refused("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"),
  invalidIdentifier: refused("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"),
  unknownIdentifierOnError: refused("Extension.UnknownExtensionIdentifier", "Unknown Lambda-Extension-Identifier"),
  missingErrorType: refused("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found"),
} as const;

export function unknownExtension(identifier: string): Refusal {
  return refused("Extension.UnknownExtensionIdentifier", `Unknown extension ${identifier}`);
}

export function invalidEventType(event: string): Refusal {
  return refused("Extension.InvalidEventType", `${event}: ErrorInvalidEventType`);
}

export function invalidRequestFormat(parserText: string): Refusal {
  return refused("InvalidRequestFormat", parserText);
}

/** 403 for an extension's call that its state does not allow; `who` is its name on register, else its identifier. */
export function extensionTransitionRefused(from: ExtensionStateName, to: ExtensionStateName, who: string): Refusal {
  return refused(
    "Extension.InvalidExtensionState",
    `State transition from ${from} to ${to} failed for extension ${who}. Error: State transition is not allowed`,
  );
}

/** An extension's states by the names that Lambda writes in refusals and logs. RIE core/agent_state_names.go */
export type ExtensionStateName =
  | "Started"
  | "Registered"
  | "Ready"
  | "Running"
  | "InitError"
  | "ExitError"
  | "Exited"
  | "LaunchError";

/** 403 once Init is over. RIE rapi/handler/runtimelogs.go; seen in real answers */
export function subscriptionClosed(api: TelemetryApi): Refusal {
  return refused(`${api}.SubscriptionClosed`, `${api} API subscription is closed already`);
}

function refused(errorType: string, errorMessage: string): Refusal {
  return { status: 403, errorType, errorMessage };
}
