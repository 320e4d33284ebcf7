import { httpIntegrationContentType } from "../../protocol/headers.ts";
import { parseEvent } from "../function-handler.ts";
import type { Invocation, InvocationHandler, StreamedResponse } from "../runtime-api.ts";

/** A function of the web: Hono, itty-router and many others are one. */
export type Fetch = (request: Request, invocation: Invocation) => Response | Promise<Response>;

interface FetchOptions {
  /**
   * `stream` sends the response while it is made, which a function URL has to be told with the invoke mode
   * `RESPONSE_STREAM`; `buffer`, the default, sends it whole.
   */
  readonly response?: "buffer" | "stream";
}

/**
 * Turns a web-standard function into an invocation handler. An event of a function URL or an HTTP API (payload 2.0,
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html) becomes its request, with cookies and a binary
 * body. Any other event becomes a POST to `http://lambda.invalid/` with the event as its body, and the body of the
 * response is the response, byte for byte.
 */
export function fetchHandler(fetch: Fetch, { response: mode = "buffer" }: FetchOptions = {}): InvocationHandler {
  return async (invocation) => {
    const http = httpEventOf(invocation.event);
    if (http === undefined) return bytesOf(await fetch(plainRequest(invocation), invocation));
    const response = await fetch(requestOf(http), invocation);
    return mode === "stream" ? streamed(response) : Buffer.from(JSON.stringify(await buffered(response)));
  };
}

interface HttpEvent {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly domainName?: string; readonly http: { readonly method: string } };
}

function httpEventOf(bytes: Uint8Array): HttpEvent | undefined {
  // The mark first: most events are not HTTP, and need not be parsed for that.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"rawPath"')) return undefined;
  const event = parseEvent(bytes);
  return isHttpEvent(event) ? event : undefined;
}

function isHttpEvent(event: unknown): event is HttpEvent {
  if (typeof event !== "object" || event === null || !("rawPath" in event) || !("requestContext" in event))
    return false;
  const { requestContext } = event;
  if (typeof requestContext !== "object" || requestContext === null || !("http" in requestContext)) return false;
  const { http } = requestContext;
  return typeof http === "object" && http !== null && "method" in http && typeof http.method === "string";
}

function plainRequest({ event }: Invocation): Request {
  const headers = { "Content-Type": "application/json" };
  return new Request("http://lambda.invalid/", { method: "POST", headers, body: copyOf(event) });
}

function requestOf(event: HttpEvent): Request {
  const {
    rawPath,
    rawQueryString = "",
    headers: given = {},
    cookies = [],
    body,
    isBase64Encoded,
    requestContext,
  } = event;
  const { method } = requestContext.http;
  const headers = new Headers(Object.entries(given));
  if (cookies.length > 0) headers.set("Cookie", cookies.join("; "));
  const host = headers.get("Host") ?? requestContext.domainName ?? "lambda.invalid";
  const query = rawQueryString === "" ? "" : `?${rawQueryString}`;
  const carries = body !== undefined && method !== "GET" && method !== "HEAD";
  const content = carries ? copyOf(Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8")) : null;
  return new Request(`https://${host}${rawPath}${query}`, { method, headers, body: content });
}

async function buffered(response: Response): Promise<object> {
  const { statusCode, headers, cookies } = headOf(response);
  const bytes = await bytesOf(response);
  const isText = isTextual(response.headers);
  return {
    statusCode,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    body: bytes.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText,
  };
}

function streamed(response: Response): StreamedResponse {
  const { statusCode, headers, cookies } = headOf(response);
  const metadata = JSON.stringify({ statusCode, headers, ...(cookies.length === 0 ? {} : { cookies }) });
  const prelude = Buffer.concat([Buffer.from(metadata), new Uint8Array(8)]);
  return { contentType: httpIntegrationContentType, body: following(prelude, response.body) };
}

async function* following(head: Uint8Array, body: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  yield head;
  if (body !== null) yield* body;
}

/** Cookies travel apart, because a header of Lambda's has one value. */
function headOf({ status, headers }: Response) {
  const own = [...headers].filter(([name]) => name !== "set-cookie");
  return { statusCode: status, headers: Object.fromEntries(own), cookies: headers.getSetCookie() };
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

/** What surely is UTF-8 goes as it is; base64 is right for everything, and a third longer. */
function isTextual(headers: Headers): boolean {
  if (headers.has("Content-Encoding")) return false;
  const type = headers.get("Content-Type") ?? "";
  const charset = /;\s*charset="?([\w-]+)/i.exec(type)?.[1] ?? "utf-8";
  return /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript)\b)/i.test(type) && /^utf-?8$/i.test(charset);
}

/** `Request` wants bytes that nobody shares. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
