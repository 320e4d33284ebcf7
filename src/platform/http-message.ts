import { HttpError } from "./http-error.ts";

/** A request. `Host` and `Content-Length` are written for you. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
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

/** A request whose bytes are made, to be sent any number of times. */
export interface PreparedRequest extends Pick<HttpRequest, "method" | "background"> {
  readonly bytes: readonly Uint8Array[];
}

/** A header name or a method: RFC 9110 section 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Up to here header and body leave in one piece of memory; above, copying costs more than a second buffer. */
const joinedBytesMax = 65_536;

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
 * The bytes of a request. Refuses whatever could end a line early: no field of a request can add a header or a
 * second request.
 */
export function requestBytes(request: HttpRequest, address: HttpAddress): readonly Uint8Array[] {
  const { method, body } = request;
  const head = requestHead(request, address);
  if (body === undefined && (method === "GET" || method === "DELETE")) return [Buffer.from(`${head}\r\n`, "latin1")];
  return withBody(`${head}Content-Length: ${body?.length ?? 0}\r\n\r\n`, body ?? new Uint8Array());
}

/** The head of a request whose body follows in chunks. */
export function uploadHead(request: HttpUploadRequest, address: HttpAddress): Uint8Array {
  const { trailers = [] } = request;
  const unsafeName = trailers.find((name) => !token.test(name) || isFraming(name));
  if (unsafeName !== undefined) throw unsafe("trailer name", unsafeName);
  const announced = trailers.length === 0 ? "" : `Trailer: ${trailers.join(", ")}\r\n`;
  return Buffer.from(`${requestHead(request, address)}${announced}Transfer-Encoding: chunked\r\n\r\n`, "latin1");
}

/** One chunk of a body; nothing for no bytes, because an empty chunk would be the end. */
export function chunkBytes(body: Uint8Array): readonly Uint8Array[] {
  return body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`, "latin1"), body, lineEnd];
}

/** What ends a body in chunks. */
export function lastChunkBytes(trailers: Readonly<Record<string, string>>): Uint8Array {
  return Buffer.from(`0\r\n${headerLines(trailers)}\r\n`, "latin1");
}

const lineEnd = Buffer.from("\r\n", "latin1");

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

function withBody(head: string, body: Uint8Array): readonly Uint8Array[] {
  if (body.length > joinedBytesMax) return [Buffer.from(head, "latin1"), body];
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, "latin1");
  bytes.set(body, head.length);
  return [bytes];
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
