import { HttpError } from "./http-error.ts";
import { token } from "./http-message.ts";

/** Status line and headers of a response. */
export interface Head {
  readonly status: number;
  readonly minorVersion: number;
  readonly headers: Map<string, string>;
}

/** How the end of a body is found. */
export type Framing =
  | { readonly type: "none" }
  | { readonly type: "counted"; readonly length: number }
  | { readonly type: "chunked" }
  | { readonly type: "until-close" };

/** Reads `HTTP/1.1 200 OK`. 101 is refused because nobody here asks for an upgrade. */
export function parseStatusLine(line: string): { readonly status: number; readonly minorVersion: number } {
  const match = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(line);
  if (match === null || match[2] === "101")
    throw new HttpError("BAD_STATUS_LINE", `The server sent the status line ${JSON.stringify(line.slice(0, 100))}`);
  return { status: Number(match[2]), minorVersion: Number(match[1]) };
}

/** Adds one header line; a repeated header becomes a list, except where a list would hide a contradiction. */
export function addHeader(headers: Map<string, string>, line: string): void {
  if (isBlank(line, 0)) throw new HttpError("OBS_FOLD", "The server folded a header over two lines");
  if (!headerLine.test(line))
    throw new HttpError("BAD_HEADER", `The server sent the header line ${JSON.stringify(line.slice(0, 100))}`);
  addSoundHeader(headers, line);
}

/**
 * Reads a whole head, without the empty line behind it, whose lines are all well formed: nearly every one is, and one
 * look at all of them is quicker than one at each. Any other is undefined, and goes line by line, which says why.
 */
export function wholeHead(text: string): Head | undefined {
  if (!soundHead.test(text)) return undefined;
  let end = lineEnd(text, 0);
  const { status, minorVersion } = parseStatusLine(text.slice(0, end));
  const headers = new Map<string, string>();
  while (end < text.length) {
    const begin = end + 2;
    end = lineEnd(text, begin);
    addSoundHeader(headers, text.slice(begin, end));
  }
  return { status, minorVersion, headers };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\r\n", from);
  return end < 0 ? text.length : end;
}

const fieldLine = `${token.source.slice(1, -1)}:[\\t\\x20-\\x7e\\x80-\\xff]*`;
const headerLine = new RegExp(`^${fieldLine}$`);
const soundHead = new RegExp(`^[\\t\\x20-\\x7e\\x80-\\xff]*(?:\\r\\n${fieldLine})*$`);

/** One of the form of `headerLine`. */
function addSoundHeader(headers: Map<string, string>, line: string): void {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon).toLowerCase();
  const value = trimmed(line, colon + 1);
  // RFC 9112 lets a tab stand there; llhttp does not take it for a blank, and reads the body in another way.
  if (name === "transfer-encoding" && line.includes("\t"))
    throw new HttpError(
      "BAD_TRANSFER_ENCODING",
      `The server sent Transfer-Encoding ${JSON.stringify(line.slice(colon + 1))}`,
    );
  const earlier = headers.get(name);
  if (earlier !== undefined && name === "content-length")
    throw new HttpError("DUPLICATE_LENGTH", "The server sent Content-Length twice");
  headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
}

/** What is left of a line from `begin` on without the blanks around it. On the path of every header: no expression. */
function trimmed(line: string, begin: number): string {
  let from = begin;
  let to = line.length;
  while (from < to && isBlank(line, from)) from += 1;
  while (to > from && isBlank(line, to - 1)) to -= 1;
  return line.slice(from, to);
}

/** A space or a tab, the only blanks that HTTP knows. */
function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** Decides where the body ends. RFC 9112 section 6.3, without its leniencies. */
export function framing({ status, minorVersion, headers }: Head): Framing {
  const length = headers.get("content-length");
  const encoding = headers.get("transfer-encoding");
  if (length !== undefined && encoding !== undefined)
    throw new HttpError("LENGTH_AND_CHUNKED", "The server sent Content-Length together with Transfer-Encoding");
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw new HttpError("BAD_LENGTH", `The server sent Content-Length ${JSON.stringify(length.slice(0, 100))}`);
  if (encoding !== undefined && (encoding.toLowerCase() !== "chunked" || minorVersion === 0))
    throw new HttpError("BAD_TRANSFER_ENCODING", `The server sent Transfer-Encoding ${JSON.stringify(encoding)}`);
  if (status === 204 || status === 304) return { type: "none" };
  if (encoding !== undefined) return { type: "chunked" };
  if (length === undefined) return { type: "until-close" };
  return Number(length) === 0 ? { type: "none" } : { type: "counted", length: Number(length) };
}
