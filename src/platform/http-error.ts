/** What can go wrong with one exchange. The first group is the connection's, the second ours, the rest the server's. */
export type HttpErrorCode =
  | "CONNECT_FAILED"
  | "CONNECTION_LOST"
  | "RESPONSE_CUT_SHORT"
  | "REQUEST_CUT_SHORT"
  | "BUSY"
  | "CLOSED"
  | "UNSAFE_REQUEST"
  | "BAD_ADDRESS"
  | "UNREQUESTED_BYTES"
  | "BAD_STATUS_LINE"
  | "BAD_HEADER"
  | "BARE_LF"
  | "BARE_CR"
  | "OBS_FOLD"
  | "BAD_LENGTH"
  | "DUPLICATE_LENGTH"
  | "LENGTH_AND_CHUNKED"
  | "BAD_TRANSFER_ENCODING"
  | "BAD_CHUNK"
  | "HEAD_TOO_LONG";

/**
 * An exchange that failed. `CONNECTION_LOST` means that no byte of the response had arrived, `REQUEST_CUT_SHORT` that
 * the server answered while the request was still on its way.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
