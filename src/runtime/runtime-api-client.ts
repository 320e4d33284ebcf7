import { HttpClient } from "../platform/http-client.ts";
import { HttpError } from "../platform/http-error.ts";
import type { HttpResponse } from "../platform/http-message.ts";
import { version } from "../platform/version.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import { headerSafe, headers } from "../protocol/headers.ts";
import { paths } from "../protocol/paths.ts";
import { readInvocation, receivedHeader } from "./read-invocation.ts";
import { type Delivery, type Reply, type RuntimeApi, RuntimeApiError } from "./runtime-api.ts";

const identity = { "User-Agent": `bootlace/${version}` } as const;

/**
 * The type that Lambda's interface description gives to error bodies. The platform treats it as plain JSON, and an
 * answer stays recognisable as an error to a server that does not read the error-type header.
 */
const errorContentType = "application/vnd.aws.lambda.error+json";

/** A message of ours in a header may be as long as it likes; this much of it tells errors apart. */
const errorTypeCharactersMax = 256;

/** The Runtime API over one HTTP connection. */
export class RuntimeApiClient implements RuntimeApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async nextInvocation(): Promise<Delivery> {
    const response = await this.#http.request({ method: "GET", path: paths.next, headers: identity });
    if (response.status !== 200)
      throw new RuntimeApiError(
        "NEXT_REFUSED",
        `Cannot get the next invocation: the Runtime API answered ${summary(response)}`,
      );
    const invocation = readInvocation(response);
    const reply = new HttpReply(this.#http, invocation.requestId, receivedHeader(response, headers.invocationId));
    return { invocation, reply };
  }

  async reportInitError(error: FunctionError): Promise<void> {
    const response = await this.#http.request({
      method: "POST",
      path: paths.initError,
      headers: errorHeaders(error),
      body: errorBody(error),
    });
    if (!accepted(response)) console.error(`The Runtime API refused the init error: ${summary(response)}`);
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }
}

/** Connects to `host:port`; the connection opens at once, the first request may come later. */
export function connectRuntimeApi(authority: string): RuntimeApiClient {
  const http = new HttpClient(authority, {
    onFault: (fault) => console.error(`Dropped the connection: ${fault.message}`),
  });
  http.connect();
  return new RuntimeApiClient(http);
}

class HttpReply implements Reply {
  readonly #http: HttpClient;
  readonly #requestId: string;
  readonly #echo: Readonly<Record<string, string>>;
  #answered = false;

  constructor(http: HttpClient, requestId: string, invocationId: string | undefined) {
    this.#http = http;
    this.#requestId = requestId;
    // Echoed as received or not at all: Lambda checks it only when it is there.
    this.#echo = invocationId !== undefined && headerSafe(invocationId) ? { [headers.invocationId]: invocationId } : {};
  }

  respond(body: Uint8Array): Promise<void> {
    return this.#answer("response", paths.response, { "Content-Type": "application/json" }, body);
  }

  fail(error: FunctionError): Promise<void> {
    return this.#answer("error", paths.error, errorHeaders(error), errorBody(error));
  }

  async #answer(
    what: "response" | "error",
    path: (requestId: string) => string,
    ownHeaders: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<void> {
    if (this.#answered)
      throw new RuntimeApiError("ANSWERED_TWICE", `Cannot answer invocation "${this.#requestId}" a second time`);
    this.#answered = true;
    const request = {
      method: "POST",
      path: path(pathSegment(this.#requestId)),
      headers: { ...identity, ...ownHeaders, ...this.#echo },
      body,
    } as const;
    const response = await this.#http.request(request).catch(lost);
    if (response instanceof HttpError) {
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

/** A broken connection is an outcome of an answer; anything else is not ours to swallow. */
function lost(error: unknown): HttpError {
  if (error instanceof HttpError && error.code !== "UNSAFE_REQUEST" && error.code !== "BUSY") return error;
  throw error;
}

function errorHeaders(error: FunctionError): Readonly<Record<string, string>> {
  const type = error.errorType.slice(0, errorTypeCharactersMax).replace(/[^\x20-\x7e]/g, "?");
  return { ...identity, "Content-Type": errorContentType, [headers.functionErrorType]: type };
}

function errorBody({ errorType, errorMessage, stackTrace = [] }: FunctionError): Uint8Array {
  return Buffer.from(JSON.stringify({ errorType, errorMessage, stackTrace }), "utf8");
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
