import type { ExtensionEventType, InvokeEvent, ShutdownEvent } from "../protocol/extension-event.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import type { TelemetryApi } from "../protocol/telemetry.ts";

/** What an extension asks for when it registers. */
export interface Registration {
  /** The file name under `/opt/extensions`, in full. */
  readonly name: string;
  readonly events: readonly ExtensionEventType[];
  readonly features?: readonly string[];
}

/** What Lambda tells about the function; `accountId` only when the feature of that name was asked for. */
export interface RegisteredFunction {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly handler: string;
  readonly accountId?: string;
}

/** An event of a type that this version does not know, as received. */
export interface UnknownEvent {
  readonly eventType: "UNKNOWN";
  readonly received: unknown;
}

export type ExtensionEvent = InvokeEvent | ShutdownEvent | UnknownEvent;

/** The Extensions API, as an external extension sees it. */
export interface ExtensionsApi {
  register(registration: Registration): Promise<RegisteredFunction>;
  /** Says that the extension is done with the previous event and waits for the next, for as long as it takes. */
  nextEvent(): Promise<ExtensionEvent>;
  /**
   * Subscribes to telemetry; `body` is what the API's reference describes. "unsupported" where there is none, as in most
   * emulators. Rejects when it is refused.
   */
  subscribe(api: TelemetryApi, body: object): Promise<"subscribed" | "unsupported">;
  reportInitError(error: FunctionError): Promise<void>;
  reportExitError(error: FunctionError): Promise<void>;
}

/** Why an extension cannot go on with its Extensions API. */
export type ExtensionsApiErrorCode =
  | "REGISTER_REFUSED"
  | "NEXT_REFUSED"
  | "SUBSCRIBE_REFUSED"
  | "NOT_REGISTERED"
  | "BAD_EVENT";

/** The Extensions API answered in a way after which the extension has to end. */
export class ExtensionsApiError extends Error {
  override readonly name = "ExtensionsApiError";
  readonly code: ExtensionsApiErrorCode;

  constructor(code: ExtensionsApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
