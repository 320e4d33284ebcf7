import { HttpError } from "./http-error.ts";
import type { HttpAddress, HttpPiece, HttpResponse } from "./http-message.ts";
import { HttpResponseParser } from "./http-parser.ts";
import { NativePromise } from "./native-promise.ts";
import type { OpenTcp, TcpConnection } from "./tcp.ts";

interface Exchange {
  readonly parser: HttpResponseParser;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: HttpError) => void;
}

/**
 * One TCP connection with at most one exchange on it, or two that were begun together. It keeps the process alive only while an exchange is
 * outstanding, so that an event loop with nothing else in it is seen to be empty.
 */
export class HttpConnection {
  readonly #tcp: TcpConnection;
  readonly #address: HttpAddress;
  readonly #onFault: (fault: HttpError) => void;
  /** Oldest first; a second one is there only when both were written together. */
  readonly #exchanges: Exchange[] = [];
  #phase: "connecting" | "open" | "done" = "connecting";
  #started = false;
  #cause: Error | undefined;
  /** A request whose body is still being written. */
  #uploading = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #failure: HttpError | undefined;

  /** Starts to connect. `onFault` hears why a server that broke the rules while idle was cut off. */
  constructor(address: HttpAddress, open: OpenTcp, onFault: (fault: HttpError) => void) {
    this.#address = address;
    this.#onFault = onFault;
    this.#tcp = open(address, {
      opened: () => this.#open(),
      received: (bytes) => this.#accept(bytes),
      drained: () => this.#drained?.resolve(),
      ended: () => this.#end(),
      closed: (cause) => {
        this.#cause = cause;
        this.#lose();
      },
    });
    this.#tcp.unref();
  }

  /** Whether a response is outstanding. */
  get busy(): boolean {
    return this.#exchanges.length > 0;
  }

  /** Whether a request may be written now. */
  get usable(): boolean {
    return this.#phase !== "done" && !this.busy;
  }

  /** Writes a request and reads its response. In the background it does not keep the process alive meanwhile. */
  exchange(request: readonly HttpPiece[], background: boolean): Promise<HttpResponse> {
    if (!background) this.#tcp.ref();
    const response = this.#expect();
    this.#tcp.write(request);
    return response;
  }

  /** Writes two requests at once and reads their responses in order. */
  exchangeBoth(requests: readonly HttpPiece[]): readonly [Promise<HttpResponse>, Promise<HttpResponse>] {
    this.#tcp.ref();
    const responses = [this.#expect(), this.#expect()] as const;
    this.#tcp.write(requests);
    return responses;
  }

  /** Expects a response to a request that follows in pieces. Until the last of them nothing here keeps the process. */
  beginUpload(): Promise<HttpResponse> {
    this.#uploading = true;
    return this.#expect();
  }

  /** Writes a piece of the upload. Resolves when the server has taken enough to send more; rejects when it will not. */
  async upload(piece: readonly HttpPiece[], last: boolean): Promise<void> {
    if (!this.#uploading || this.#exchanges.length === 0) throw this.#failure ?? answeredEarly();
    if (last) {
      this.#uploading = false;
      this.#tcp.ref();
    }
    if (this.#tcp.write(piece) || last) return;
    this.#drained = NativePromise.withResolvers();
    await this.#drained.promise;
  }

  /** Ends the connection; an outstanding exchange is rejected. */
  close(): void {
    this.#phase = "done";
    this.#tcp.destroy();
  }

  #expect(): Promise<HttpResponse> {
    return new NativePromise((resolve, reject) => {
      this.#exchanges.push({ parser: new HttpResponseParser(), resolve, reject });
      this.#started = false;
    });
  }

  #open(): void {
    if (this.#phase === "connecting") this.#phase = "open";
  }

  #accept(bytes: Buffer): void {
    const exchange = this.#exchanges[0];
    if (exchange === undefined) this.#cutOff();
    else this.#read(exchange, bytes);
  }

  #read(exchange: Exchange, bytes: Buffer): void {
    this.#started = true;
    try {
      const response = exchange.parser.push(bytes);
      if (response !== undefined) this.#complete(exchange, response);
    } catch (error) {
      // as: the parser throws nothing else; anything else would be a bug, and reaches the caller all the same.
      this.#fail(error as HttpError);
    }
  }

  #complete(exchange: Exchange, response: HttpResponse): void {
    this.#exchanges.shift();
    this.#started = false;
    if (this.#exchanges.length === 0) this.#tcp.unref();
    // A server that answers before it has read the request will not read the rest of it either.
    const requestSent = !this.#uploading && !this.#tcp.unsent;
    if (!requestSent) this.#stopUpload(answeredEarly());
    if (!exchange.parser.keepsAlive || !requestSent) this.close();
    exchange.resolve(response);
    const { rest } = exchange.parser;
    if (rest.length > 0 && this.#phase !== "done") this.#accept(rest);
  }

  /** Bytes nobody asked for would be read as the answer to the next request. */
  #cutOff(): void {
    if (this.#phase === "done") return;
    this.close();
    this.#onFault(new HttpError("UNREQUESTED_BYTES", "The server sent bytes while no request was outstanding"));
  }

  #end(): void {
    const [exchange] = this.#exchanges;
    const response = exchange?.parser.end();
    if (exchange !== undefined && response !== undefined) this.#complete(exchange, response);
    else this.#lose();
  }

  #lose(): void {
    const { authority } = this.#address;
    const options = this.#cause === undefined ? {} : { cause: this.#cause };
    const why = this.#cause === undefined ? "" : `: ${this.#cause.message}`;
    if (this.#phase === "connecting") {
      this.#fail(new HttpError("CONNECT_FAILED", `Cannot connect to "${authority}"${why}`, options));
    } else {
      const code = this.#started ? "RESPONSE_CUT_SHORT" : "CONNECTION_LOST";
      this.#fail(new HttpError(code, `Lost the connection to "${authority}"${why}`, options));
    }
  }

  #fail(error: HttpError): void {
    const [first, ...unheard] = this.#exchanges.splice(0);
    this.#failure = error;
    this.close();
    this.#stopUpload(error);
    first?.reject(error);
    for (const { reject } of unheard)
      reject(
        new HttpError("CONNECTION_LOST", `Lost the connection before its turn: ${error.message}`, { cause: error }),
      );
  }

  #stopUpload(error: HttpError): void {
    this.#uploading = false;
    this.#drained?.reject(error);
  }
}

function answeredEarly(): HttpError {
  return new HttpError("REQUEST_CUT_SHORT", "The server answered before it had read the request");
}
