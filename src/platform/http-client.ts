import { HttpConnection } from "./http-connection.ts";
import { HttpError } from "./http-error.ts";
import {
  type HttpAddress,
  type HttpRequest,
  type HttpResponse,
  type HttpUploadRequest,
  type PreparedRequest,
  parseAuthority,
  requestPieces,
  uploadHead,
} from "./http-message.ts";
import { HttpUpload } from "./http-upload.ts";
import { NativePromise, whenSettled } from "./native-promise.ts";
import { openTcp } from "./open-tcp.ts";
import type { OpenTcp } from "./tcp.ts";

interface HttpClientOptions {
  /** Hears why an idle connection was cut off; the next request opens another one. */
  readonly onFault?: (fault: HttpError) => void;
  /** How to connect; the quickest way unless told. */
  readonly open?: OpenTcp;
}

/**
 * A strict HTTP/1.1 client for one server: one connection that is kept alive, one request at a time, no time-out,
 * no proxy, no redirects. Node's own client is laxer about framing and costs start-up time.
 */
export class HttpClient {
  readonly #address: HttpAddress;
  readonly #onFault: (fault: HttpError) => void;
  readonly #openTcp: OpenTcp;
  #connection: HttpConnection | undefined;
  #closed = false;

  /** `authority` is `host:port` as in `AWS_LAMBDA_RUNTIME_API`. */
  constructor(authority: string, { onFault = () => {}, open = openTcp }: HttpClientOptions = {}) {
    this.#address = parseAuthority(authority);
    this.#onFault = onFault;
    this.#openTcp = open;
  }

  /** Starts to connect before the first request is there. A failure shows at that request, which tries again. */
  connect(): void {
    if (!this.#closed) this.#connection ??= this.#open();
  }

  /** Makes what is written for a request that is sent often. */
  prepare(request: HttpRequest): PreparedRequest {
    const { method, background = false } = request;
    return { method, background, pieces: requestPieces(request, this.#address) };
  }

  /** Sends a request and reads the whole response; any status is a response. Rejects with an `HttpError`. */
  request(request: HttpRequest | PreparedRequest): Promise<HttpResponse> {
    try {
      const { method, background = false, pieces } = this.#prepared(request);
      const waited = this.#connection?.usable;
      const response = this.#idle().exchange(pieces, background);
      if (!waited || method !== "GET") return response;
      return whenSettled(response, undefined, (error) => {
        if (!lostBeforeResponse(error)) throw error;
        return this.#idle().exchange(pieces, background);
      });
    } catch (error) {
      return NativePromise.reject(error);
    }
  }

  /**
   * Sends two requests in one write, of which neither is ever sent again. The second one is lost when the connection
   * ends with the first one's response.
   */
  requestBoth(
    first: HttpRequest,
    second: HttpRequest | PreparedRequest,
  ): readonly [Promise<HttpResponse>, Promise<HttpResponse>] {
    return this.#idle().exchangeBoth([...this.#prepared(first).pieces, ...this.#prepared(second).pieces]);
  }

  /** Begins a request whose body is written piece by piece, and which is never sent again. */
  upload(request: HttpUploadRequest): HttpUpload {
    return new HttpUpload(this.#idle(), uploadHead(request, this.#address));
  }

  /** Closes the connection; an outstanding request is rejected. */
  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #prepared(request: HttpRequest | PreparedRequest): PreparedRequest {
    return "pieces" in request ? request : this.prepare(request);
  }

  /** The connection that is there, or another one in the place of one that ended. */
  #idle(): HttpConnection {
    if (this.#closed) throw new HttpError("CLOSED", "Cannot send a request: the client is closed");
    if (this.#connection?.busy) throw new HttpError("BUSY", "Cannot send a request: another one is outstanding");
    if (!this.#connection?.usable) this.#connection = this.#open();
    return this.#connection;
  }

  #open(): HttpConnection {
    return new HttpConnection(this.#address, this.#openTcp, this.#onFault);
  }
}

/** A server may close an idle connection at any moment, so a GET that crossed that close is asked again, once. */
function lostBeforeResponse(error: unknown): boolean {
  return error instanceof HttpError && (error.code === "CONNECTION_LOST" || error.code === "CONNECT_FAILED");
}
