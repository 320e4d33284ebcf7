import type { FunctionError } from "../protocol/function-error.ts";

/** One invocation as it arrives: bytes and headers, nothing parsed. A header that is absent or empty is absent here. */
export interface Invocation {
  readonly requestId: string;
  readonly event: Uint8Array;
  readonly invokedFunctionArn: string;
  /** Absent when the header is missing or is no number. */
  readonly deadlineEpochMs?: number;
  readonly traceId?: string;
  /** JSON text, not checked. */
  readonly clientContext?: string;
  /** JSON text, not checked. */
  readonly cognitoIdentity?: string;
  readonly tenantId?: string;
}

/** The right to answer one invocation, once. */
export interface Reply {
  /** Text is sent as UTF-8. */
  respond(body: Uint8Array | string): Promise<void>;
  /** Sends the response while it is made. What goes wrong before the first byte of it fails the invocation instead. */
  stream(response: StreamedResponse): Promise<void>;
  fail(error: FunctionError): Promise<void>;
}

/** A response that is sent while it is made. An error in the body ends it, and travels behind it. */
export interface StreamedResponse {
  readonly contentType: string;
  /** Asked for the next piece when there is room for it: a `ReadableStream` will do, and so will a generator. */
  readonly body: AsyncIterable<Uint8Array>;
  /** What still runs when the body has ended. The next invocation waits for it; a rejection is logged. */
  readonly done?: Promise<unknown>;
}

/** An invocation and the right to answer it, which arrive together. */
export interface Delivery {
  readonly invocation: Invocation;
  readonly reply: Reply;
}

/** The Runtime API, as a runtime sees it. */
export interface RuntimeApi {
  /** Waits for the next invocation, for as long as it takes. Any refusal is fatal and rejects. */
  nextInvocation(): Promise<Delivery>;
  reportInitError(error: FunctionError): Promise<void>;
  /** SnapStart: waits until a snapshot was taken and restored. Returns at once where there is none. */
  restoreNext(): Promise<void>;
  reportRestoreError(error: FunctionError): Promise<void>;
}

/** What answers invocations: bytes in; bytes, text or a stream out. A rejection becomes that invocation's function error. */
export type InvocationHandler = (invocation: Invocation) => Promise<Uint8Array | string | StreamedResponse>;

/** One concern wrapped around a handler. */
export type Middleware = (next: InvocationHandler) => InvocationHandler;

/** Why a runtime cannot go on with its Runtime API. */
export type RuntimeApiErrorCode =
  | "NEXT_REFUSED"
  | "RESTORE_REFUSED"
  | "NO_REQUEST_ID"
  | "SERVER_ERROR"
  | "ANSWERED_TWICE";

/** The Runtime API answered in a way after which the runtime has to end. */
export class RuntimeApiError extends Error {
  override readonly name = "RuntimeApiError";
  readonly code: RuntimeApiErrorCode;

  constructor(code: RuntimeApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
