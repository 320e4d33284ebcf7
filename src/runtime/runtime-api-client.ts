import { HttpClient } from "../platform/http-client.ts";
import { HttpError } from "../platform/http-error.ts";
import type { HttpResponse } from "../platform/http-message.ts";
import type { HttpUpload } from "../platform/http-upload.ts";
import { whenSettled } from "../platform/native-promise.ts";
import { version } from "../platform/version.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import { headerSafe, headers, streamingMode } from "../protocol/headers.ts";
import { paths } from "../protocol/paths.ts";
import { functionErrorOf } from "./function-error.ts";
import { deliveryOf, type InvocationDelivery, InvocationLine, type RuntimeApiOptions } from "./invocation-line.ts";
import { readInvocation } from "./read-invocation.ts";
import { type Delivery, type Reply, type RuntimeApi, RuntimeApiError, type StreamedResponse } from "./runtime-api.ts";
import { xrayCause } from "./xray-cause.ts";

const identity = { "User-Agent": `bootlace/${version}` } as const;

const jsonHeaders = Object.freeze({ ...identity, "Content-Type": "application/json" });

const nothing: Readonly<Record<string, string>> = {};

/**
 * The type that Lambda's interface description gives to error bodies. The platform treats it as plain JSON, and an
 * answer stays recognisable as an error to a server that does not read the error-type header.
 */
const errorContentType = "application/vnd.aws.lambda.error+json";

/** A message of ours in a header may be as long as it likes; this much of it tells errors apart. */
const errorTypeCharactersMax = 256;

/** The Runtime API over one HTTP connection. */
export class RuntimeApiClient implements RuntimeApi {
  readonly #line: InvocationLine;
  readonly #http: HttpClient;

  constructor(http: HttpClient, options: RuntimeApiOptions = {}) {
    this.#http = http;
    this.#line = new InvocationLine(http, options);
  }

  nextInvocation(): Promise<Delivery> {
    return whenSettled(this.#line.next(), this.#delivered);
  }

  readonly #delivered = (response: HttpResponse): Delivery | Promise<Delivery> => {
    if (response.status !== 200)
      throw new RuntimeApiError(
        "NEXT_REFUSED",
        `Cannot get the next invocation: the Runtime API answered ${summary(response)}`,
      );
    const invocation = readInvocation(response);
    const delivery = deliveryOf(response);
    const reply = new HttpReply(this.#http, this.#line, delivery);
    if (!this.#line.answeredBefore(delivery)) return { invocation, reply };
    console.error(`The response to invocation ${invocation.requestId} was lost: it came again and is not run twice`);
    return whenSettled(reply.fail(responseLost), () => this.nextInvocation());
  };

  reportInitError(error: FunctionError): Promise<void> {
    return this.#report("init error", paths.initError, error);
  }

  async restoreNext(): Promise<void> {
    const response = await this.#http.request({ method: "GET", path: paths.restoreNext, headers: identity });
    if (response.status === 200) return;
    if (response.status >= 500)
      throw new RuntimeApiError(
        "RESTORE_REFUSED",
        `Cannot wait for a snapshot: the Runtime API answered ${summary(response)}`,
      );
    // No snapshot here, whatever the environment says: whoever asks for an invocation instead is served.
    console.warn(`Goes on without a snapshot: the Runtime API answered ${summary(response)}`);
  }

  reportRestoreError(error: FunctionError): Promise<void> {
    return this.#report("restore error", paths.restoreError, error);
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }

  async #report(what: string, path: string, error: FunctionError): Promise<void> {
    const response = await this.#http.request({
      method: "POST",
      path,
      headers: errorHeaders(error),
      body: errorBody(error),
    });
    if (!accepted(response)) console.error(`The Runtime API refused the ${what}: ${summary(response)}`);
  }
}

/** Connects to `host:port`; the connection opens at once, the first request may come later. */
export function connectRuntimeApi(authority: string, options: RuntimeApiOptions = {}): RuntimeApiClient {
  const http = new HttpClient(authority, {
    onFault: (fault) => console.error(`Dropped the connection: ${fault.message}`),
  });
  http.connect();
  return new RuntimeApiClient(http, options);
}

/** For the caller of an invocation whose response nobody has: to run it again may do twice what it does. */
const responseLost: FunctionError = {
  errorType: "Runtime.ResponseLost",
  errorMessage: "The function has answered, but the connection to the Runtime API ended before the response was taken",
};

class HttpReply implements Reply {
  readonly #http: HttpClient;
  readonly #line: InvocationLine;
  readonly #delivery: InvocationDelivery;
  readonly #requestId: string;
  readonly #echo: Readonly<Record<string, string>>;
  #answered = false;
  #upload: HttpUpload | undefined;

  constructor(http: HttpClient, line: InvocationLine, delivery: InvocationDelivery) {
    const { requestId, invocationId } = delivery;
    this.#http = http;
    this.#line = line;
    this.#delivery = delivery;
    this.#requestId = requestId;
    // Echoed as received or not at all: Lambda checks it only when it is there.
    this.#echo =
      invocationId !== undefined && headerSafe(invocationId) ? { [headers.invocationId]: invocationId } : nothing;
  }

  respond(body: Uint8Array | string): Promise<void> {
    return this.#answer("response", paths.response, jsonHeaders, body);
  }

  async stream({ contentType, body }: StreamedResponse): Promise<void> {
    const chunks = body[Symbol.asyncIterator]();
    const first: Piece = await pull(chunks);
    if (first.type === "error") return this.fail(first.error);
    if (!headerSafe(contentType)) return this.fail(unsafeContentType(contentType));
    this.#claim();
    const upload = this.#http.upload({
      method: "POST",
      path: this.#path(paths.response),
      headers: { ...identity, "Content-Type": contentType, [headers.responseMode]: streamingMode, ...this.#echo },
      trailers: [headers.functionErrorType, headers.functionErrorBody],
    });
    this.#upload = upload;
    try {
      await upload.end(await this.#send(upload, first, chunks));
    } catch {
      // The server hears no more of it; what it said instead, if anything, is in the response.
      await chunks.return?.();
    }
    await this.#conclude("response", upload.response);
  }

  /** Sends the pieces one by one; gives the trailers that belong behind them. */
  async #send(
    upload: HttpUpload,
    first: Piece,
    rest: AsyncIterator<Uint8Array>,
  ): Promise<Readonly<Record<string, string>>> {
    for (let piece = first; ; piece = await pull(rest)) {
      if (piece.type === "end") return {};
      if (piece.type === "error") return errorTrailers(piece.error);
      await upload.write(piece.bytes);
    }
  }

  async fail(error: FunctionError): Promise<void> {
    if (this.#upload === undefined) {
      const cause = xrayCause(error, workingDirectory());
      const more = cause === undefined ? {} : { [headers.xrayErrorCause]: cause };
      return this.#answer("error", paths.error, { ...errorHeaders(error), ...more }, errorBody(error));
    }
    await this.#upload.end(errorTrailers(error));
    await this.#conclude("error", this.#upload.response);
  }

  #answer(
    what: "response" | "error",
    path: (requestId: string) => string,
    ownHeaders: Readonly<Record<string, string>>,
    body: Uint8Array | string,
  ): Promise<void> {
    this.#claim();
    // Without an echo they are the same object each time, whose lines are made once.
    const headers = this.#echo === nothing ? ownHeaders : { ...ownHeaders, ...this.#echo };
    const request = { method: "POST", path: this.#path(path), headers, body } as const;
    return this.#conclude(what, this.#line.answer(request));
  }

  #claim(): void {
    if (this.#answered)
      throw new RuntimeApiError("ANSWERED_TWICE", `Cannot answer invocation "${this.#requestId}" a second time`);
    this.#answered = true;
  }

  #path(path: (requestId: string) => string): string {
    return path(pathSegment(this.#requestId));
  }

  async #conclude(what: "response" | "error", answer: Promise<HttpResponse>): Promise<void> {
    const response = await whenSettled(answer, undefined, lost);
    if (response instanceof HttpError) {
      this.#line.doubt(this.#delivery);
      // Never sent again: nobody can tell whether the first one was taken. If the API is gone, `next` will say so.
      console.error(`The ${what} to invocation ${this.#requestId} may be lost: ${response.message}`);
    } else if (response.status >= 500) {
      throw new RuntimeApiError("SERVER_ERROR", `The Runtime API cannot go on: it answered ${summary(response)}`);
    } else if (!accepted(response)) {
      // A late, oversize or mismatched answer is that invocation's end, not the runtime's.
      console.error(`The Runtime API refused the ${what} to invocation ${this.#requestId}: ${summary(response)}`);
    }
  }
}

/** A function may be where nothing is any more, and is owed its answer all the same. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "";
  }
}

type Piece =
  | { readonly type: "chunk"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "error"; readonly error: FunctionError };

async function pull(chunks: AsyncIterator<Uint8Array>): Promise<Piece> {
  try {
    const { done, value } = await chunks.next();
    return done === true ? { type: "end" } : { type: "chunk", bytes: value };
  } catch (thrown) {
    return { type: "error", error: functionErrorOf(thrown) };
  }
}

function errorTrailers(error: FunctionError): Readonly<Record<string, string>> {
  return {
    [headers.functionErrorType]: errorTypeHeader(error),
    [headers.functionErrorBody]: Buffer.from(errorBody(error), "utf8").toString("base64"),
  };
}

function unsafeContentType(contentType: string): FunctionError {
  const errorMessage = `Cannot send the content type ${JSON.stringify(contentType)}: HTTP forbids some of its characters`;
  return { errorType: "Runtime.InvalidStreamingOperation", errorMessage };
}

/** A broken connection is an outcome of an answer; anything else is not ours to swallow. */
function lost(error: unknown): HttpError {
  if (error instanceof HttpError && error.code !== "UNSAFE_REQUEST" && error.code !== "BUSY") return error;
  throw error;
}

function errorHeaders(error: FunctionError): Readonly<Record<string, string>> {
  return { ...identity, "Content-Type": errorContentType, [headers.functionErrorType]: errorTypeHeader(error) };
}

function errorTypeHeader({ errorType }: FunctionError): string {
  return errorType.slice(0, errorTypeCharactersMax).replace(/[^\x20-\x7e]/g, "?");
}

function errorBody({ errorType, errorMessage, stackTrace = [] }: FunctionError): string {
  return JSON.stringify({ errorType, errorMessage, stackTrace });
}

/** An id that is safe in a path stays as it is; callers have an influence on it. */
function pathSegment(requestId: string): string {
  return /^[\w.~!$&'()*+,;=:@%-]+$/.test(requestId) ? requestId : encodeURIComponent(requestId);
}

function accepted(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

function summary(response: HttpResponse): string {
  return `${response.status} ${response.body.toString("utf8", 0, 300).trim()}`.trim();
}
