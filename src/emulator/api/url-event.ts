/** Function URLs: an HTTP request as an event of payload version 2.0, and a function's result as an HTTP response. DG/urls-invocation.html */
import { type HttpMetadata, metadataOf } from "../../protocol/http-prelude.ts";

/** What is known of the request. */
export interface UrlRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  /** Lower-case names; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly sourceIp: string;
  /** Where the URL listens. */
  readonly port: number;
  readonly traceId: string;
  readonly requestId: string;
  readonly epochMs: number;
}

/** The event of an anonymous request. */
export function urlEvent(request: UrlRequest) {
  const [rawPath = "/", rawQueryString = ""] = split(request.target, "?");
  const headers = eventHeaders(request);
  const { cookie } = headers;
  const binary = isBinary(headers["content-type"]);
  const body = Buffer.from(request.body);
  const query = joined(new URLSearchParams(rawQueryString));
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(";").map((pair) => pair.trim()) }),
    headers,
    ...(rawQueryString === "" ? {} : { queryStringParameters: query }),
    requestContext: context(request, rawPath, headers),
    ...(body.length === 0 ? {} : { body: body.toString(binary ? "base64" : "utf8") }),
    isBase64Encoded: body.length > 0 && binary,
  };
}

/** They are between two neighbours on the way, and no event has them. RFC 9110, section 7.6.1 */
const ofConnection = ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/**
 * What the client sent, and what a URL says of the way it came. Recorded events also name the version of TLS and its
 * cipher; there is none here, and the protocol and the port are this URL's own, so that links made of them lead here.
 */
function eventHeaders({ headers, sourceIp, port, traceId }: UrlRequest): Readonly<Record<string, string>> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.includes(name)));
  return {
    ...sent,
    // Lambda keeps the leftmost address alone, also one that the client made up:
    // https://speedrun.nobackspacecrew.com/blog/2026/03/06/obtaining-caller-ip-address-with-lambda-furls.html
    "x-forwarded-for": sent["x-forwarded-for"]?.split(",")[0]?.trim() || sourceIp,
    "x-forwarded-port": String(port),
    "x-forwarded-proto": "http",
    "x-amzn-trace-id": sent["x-amzn-trace-id"] ?? split(traceId, ";")[0] ?? traceId,
  };
}

function context(request: UrlRequest, path: string, headers: Readonly<Record<string, string>>) {
  const { method, sourceIp, requestId, epochMs } = request;
  const domainName = headers.host ?? "localhost";
  return {
    accountId: "anonymous",
    apiId: split(domainName, ".")[0] ?? domainName,
    domainName,
    domainPrefix: split(domainName, ".")[0] ?? domainName,
    http: { method, path, protocol: "HTTP/1.1", sourceIp, userAgent: headers["user-agent"] ?? "" },
    requestId,
    routeKey: "$default",
    stage: "$default",
    time: logTime(new Date(epochMs)),
    timeEpoch: epochMs,
  };
}

/** An HTTP response that a function's result stands for. */
export interface UrlResponse extends HttpMetadata {
  readonly body: Uint8Array;
}

/** BUFFERED: an object with a status code is taken apart, any other JSON is the body, and what is no JSON is a 502. */
export function urlResponse(payload: Uint8Array, functionFailed: boolean): UrlResponse {
  const value = functionFailed ? undefined : parsed(payload);
  if (value === undefined) return failure;
  if (typeof value !== "object" || value === null || !("statusCode" in value)) {
    return { statusCode: 200, headers: { "content-type": "application/json" }, cookies: [], body: payload };
  }
  const metadata = metadataOf(value);
  // as: both fields are looked at before they are used.
  const { body, isBase64Encoded } = value as { body?: unknown; isBase64Encoded?: unknown };
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const headers = { "content-type": "application/json", ...lowerCase(metadata.headers) };
  return { ...metadata, headers, body: Buffer.from(text, isBase64Encoded === true ? "base64" : "utf8") };
}

/** What a URL answers when the function failed or its result cannot be used. */
const failure: UrlResponse = {
  statusCode: 502,
  headers: { "content-type": "application/json" },
  cookies: [],
  body: Buffer.from('{"Message":"Internal Server Error"}'),
};

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString());
  } catch {
    return undefined;
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * Text goes through as it is, and little counts as text: neither a form nor a body of no type does. Recorded by
 * https://github.com/ministackorg/ministack/pull/766; a form's event of a real URL is in the tests.
 */
function isBinary(contentType = ""): boolean {
  return !/^(text\/.*|application\/(json|javascript|xml))\s*(;|$)/i.test(contentType);
}

function joined(parameters: URLSearchParams): Readonly<Record<string, string>> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(names.map((name) => [name, parameters.getAll(name).join(",")]));
}

function split(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Such as `21/Nov/2026:03:05:00 +0000`. */
function logTime(date: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
