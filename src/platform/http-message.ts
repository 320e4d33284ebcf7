import { HttpError } from "./http-error.ts";

/** A request. `Host` and `Content-Length` are written for you. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body?: Uint8Array | string;
  /** Does not keep the process alive while it waits. */
  readonly background?: boolean;
}

/** A request whose body follows in chunks. */
export interface HttpUploadRequest {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of the headers that may follow the body. */
  readonly trailers?: readonly string[];
}

/** A complete response. Header names are in lower case, values are latin-1, one character per byte. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Where to connect, and what to write as `Host`. */
export interface HttpAddress {
  readonly host: string;
  readonly port: number;
  readonly authority: string;
}

/** Something to write: bytes, or ASCII text. */
export type HttpPiece = Uint8Array | string;

/** A request as it is written, to be sent any number of times. */
export interface PreparedRequest extends Pick<HttpRequest, "method" | "background"> {
  readonly pieces: readonly HttpPiece[];
}

/** A header name or a method: RFC 9110 section 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Up to here a text leaves together with its head; above, joining costs more than a second piece. */
const joinedLengthMax = 65_536;

const utf8 = new TextEncoder();

/** Reads `host:port`, `[v6]:port` or `v6:port`; without a port it is 80. */
export function parseAuthority(authority: string): HttpAddress {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([\w.:%-]*?[\w.:-]))(?::(\d{1,5}))?$/.exec(authority);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 80);
  if (host === undefined || port > 65_535)
    throw new HttpError("BAD_ADDRESS", `Cannot connect to "${printable(authority)}": it is no host:port`);
  return { host, port, authority };
}

/**
 * What is written for a request. Refuses whatever could end a line early: no field of a request can add a header or a
 * second request.
 */
export function requestPieces(request: HttpRequest, address: HttpAddress): readonly HttpPiece[] {
  const { method, body } = request;
  const head = requestHead(request, address);
  if (body === undefined && (method === "GET" || method === "DELETE")) return [`${head}\r\n`];
  return withBody(head, body ?? "");
}

/** The head of a request whose body follows in chunks. */
export function uploadHead(request: HttpUploadRequest, address: HttpAddress): string {
  const { trailers = [] } = request;
  const unsafeName = trailers.find((name) => !token.test(name) || isFraming(name));
  if (unsafeName !== undefined) throw unsafe("trailer name", unsafeName);
  const announced = trailers.length === 0 ? "" : `Trailer: ${trailers.join(", ")}\r\n`;
  return `${requestHead(request, address)}${announced}Transfer-Encoding: chunked\r\n\r\n`;
}

/** One chunk of a body; nothing for no bytes, because an empty chunk would be the end. */
export function chunkPieces(body: Uint8Array): readonly HttpPiece[] {
  return body.length === 0 ? [] : [`${body.length.toString(16)}\r\n`, body, "\r\n"];
}

/** What ends a body in chunks. */
export function lastChunk(trailers: Readonly<Record<string, string>>): string {
  return `0\r\n${headerLines(trailers)}\r\n`;
}

function requestHead({ method, path, headers = {} }: Omit<HttpRequest, "body">, address: HttpAddress): string {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw unsafe("path", path);
  return `${method} ${path} HTTP/1.1\r\nHost: ${address.authority}\r\n${headerLines(headers)}`;
}

/** Header lines of objects that cannot change: they are checked once. */
const frozenLines = new WeakMap<object, string>();

function headerLines(headers: Readonly<Record<string, string>>): string {
  const known = frozenLines.get(headers);
  if (known !== undefined) return known;
  const lines = checkedLines(headers);
  if (Object.isFrozen(headers)) frozenLines.set(headers, lines);
  return lines;
}

function checkedLines(headers: Readonly<Record<string, string>>): string {
  let lines = "";
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name) || isFraming(name)) throw unsafe("header name", name);
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw unsafe(`header ${name}`, value);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/**
 * The usual body is text in ASCII, and leaves with its head as one string: nothing is copied into a buffer. Others get
 * one of their own, since Node's pool of small buffers is cut from pieces that outlive an invocation.
 */
function withBody(head: string, body: Uint8Array | string): readonly HttpPiece[] {
  const length = Buffer.byteLength(body);
  const whole = `${head}Content-Length: ${length}\r\n\r\n`;
  if (typeof body !== "string") return [whole, body];
  return body.length === length && length <= joinedLengthMax ? [whole + body] : [whole, utf8.encode(body)];
}

function isFraming(name: string): boolean {
  return /^(?:host|content-length|transfer-encoding|trailer|connection|upgrade|expect)$/i.test(name);
}

function unsafe(what: string, value: string): HttpError {
  return new HttpError(
    "UNSAFE_REQUEST",
    `Cannot send the ${what} "${printable(value)}": it has characters HTTP forbids`,
  );
}

function printable(value: string): string {
  return value.slice(0, 100).replace(/[^\x20-\x7e]/g, "?");
}
