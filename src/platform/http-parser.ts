import { HttpError } from "./http-error.ts";
import { addHeader, framing, type Head, parseStatusLine, wholeHead } from "./http-head.ts";
import type { HttpResponse } from "./http-message.ts";

/** Status line and headers together, and trailers again. Node's own limit is 16 KiB; a client context may be larger. */
const headBytesMax = 65_536;

/** Room for a body is made at once up to here, which no event exceeds; a server may announce what it never sends. */
const announcedBytesMax = 8_388_608;

const nothing = Buffer.alloc(0);

/** In the place of one that is to come. */
const noHead: Head = { status: 0, minorVersion: 1, headers: new Map() };

/** One chunk-size line with its extensions. */
const chunkLineBytesMax = 1_024;

/** `size`, then extensions in the strict form that llhttp also accepts. */
const chunkLine =
  /^([0-9A-Fa-f]{1,13})(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e]*"))?)*$/;

type Stage =
  | { readonly at: "status" }
  | { readonly at: "headers" }
  | { readonly at: "counted"; readonly left: number }
  | { readonly at: "until-close" }
  | { readonly at: "chunk-size" }
  | { readonly at: "chunk"; readonly left: number }
  | { readonly at: "chunk-end" }
  | { readonly at: "trailers" }
  | { readonly at: "complete" };

/**
 * Reads one response from bytes that arrive in any pieces. Anything that two parsers could read in two ways is
 * refused: a lenient client behind keep-alive would hand one invocation's bytes to another.
 */
export class HttpResponseParser {
  #stage: Stage = { at: "status" };
  #head: Head = noHead;
  #input: Buffer = nothing;
  /** What has been read of the input. */
  #at = 0;
  #line = "";
  #lineBudget = headBytesMax;
  #body: Buffer = nothing;
  #bodyLength = 0;

  /**
   * Takes more bytes, and keeps none of them: the caller may overwrite them afterwards. Returns the response once it
   * is complete; `rest` then holds what does not belong to it.
   */
  push(bytes: Buffer): HttpResponse | undefined {
    this.#input = bytes;
    this.#at = 0;
    while (this.#stage.at !== "complete") {
      if (!this.#advance()) return undefined;
    }
    return this.#response();
  }

  /** The connection ended: completes a response that lasts until then. */
  end(): HttpResponse | undefined {
    return this.#stage.at === "until-close" ? this.#response() : undefined;
  }

  /** Bytes after the response that completed. */
  get rest(): Buffer {
    return this.#at === this.#input.length ? nothing : this.#input.subarray(this.#at);
  }

  /** Whether the connection may carry another request after this response. */
  get keepsAlive(): boolean {
    const options = this.#head.headers.get("connection") ?? "";
    return (
      this.#stage.at === "complete" && this.#head.minorVersion === 1 && !/(?:^|,)\s*close\s*(?:,|$)/i.test(options)
    );
  }

  /** One step; false when it needs more bytes. */
  #advance(): boolean {
    switch (this.#stage.at) {
      case "counted":
      case "chunk":
        return this.#takeBody(this.#stage.at, this.#stage.left);
      case "until-close":
        this.#takeInput(this.#input.length - this.#at, 0);
        return false;
      case "status":
        return this.#takeWholeHead() || this.#takeLine();
      default:
        return this.#takeLine();
    }
  }

  /** Nearly every head arrives in one piece and with nothing odd in it; whatever else there is goes line by line. */
  #takeWholeHead(): boolean {
    const end = this.#line === "" ? this.#input.indexOf("\r\n\r\n", this.#at, "latin1") : -1;
    if (end < 0 || end + 4 - this.#at > this.#lineBudget) return false;
    const head = wholeHead(this.#input.toString("latin1", this.#at, end));
    if (head === undefined) return false;
    this.#lineBudget -= end + 4 - this.#at;
    this.#at = end + 4;
    this.#head = head;
    this.#stage = this.#afterHead();
    return true;
  }

  #takeBody(at: "counted" | "chunk", left: number): boolean {
    if (this.#at === this.#input.length) return false;
    const taken = Math.min(left, this.#input.length - this.#at);
    this.#takeInput(taken, left);
    if (taken < left) this.#stage = { at, left: left - taken };
    else this.#stage = at === "counted" ? { at: "complete" } : { at: "chunk-end" };
    return true;
  }

  #takeInput(length: number, announced: number): void {
    const bodyEnd = this.#bodyLength + length;
    if (bodyEnd > this.#body.length)
      this.#makeRoom(Math.max(bodyEnd, this.#bodyLength + Math.min(announced, announcedBytesMax)));
    this.#input.copy(this.#body, this.#bodyLength, this.#at, this.#at + length);
    this.#bodyLength = bodyEnd;
    this.#at += length;
  }

  /** A buffer of the body's own, not one of Node's pool. The first is as long as needed, others leave room for more. */
  #makeRoom(length: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#body.length));
    this.#body.copy(room, 0, 0, this.#bodyLength);
    this.#body = room;
  }

  #takeLine(): boolean {
    const lf = this.#input.indexOf(0x0a, this.#at);
    const end = lf < 0 ? this.#input.length : lf + 1;
    this.#lineBudget -= end - this.#at;
    if (this.#lineBudget < 0) throw this.#tooLong();
    this.#line += this.#input.toString("latin1", this.#at, end);
    this.#at = end;
    if (lf < 0) return false;
    if (!this.#line.endsWith("\r\n"))
      throw new HttpError("BARE_LF", "The server ended a line without a carriage return");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    if (line.includes("\r")) throw new HttpError("BARE_CR", "The server sent a carriage return inside a line");
    this.#stage = this.#afterLine(line);
    return true;
  }

  #tooLong(): HttpError {
    return this.#stage.at === "chunk-size" || this.#stage.at === "chunk-end"
      ? new HttpError("BAD_CHUNK", `The server sent a chunk line of more than ${chunkLineBytesMax} bytes`)
      : new HttpError("HEAD_TOO_LONG", `The server sent more than ${headBytesMax} bytes of headers`);
  }

  #afterLine(line: string): Stage {
    switch (this.#stage.at) {
      case "status":
        this.#head = { ...parseStatusLine(line), headers: new Map() };
        return { at: "headers" };
      case "headers":
        if (line === "") return this.#afterHead();
        addHeader(this.#head.headers, line);
        return this.#stage;
      case "chunk-size":
        return this.#afterChunkSize(line);
      case "chunk-end":
        if (line !== "") throw new HttpError("BAD_CHUNK", "The server sent a chunk longer than it said");
        return this.#expectChunk();
      default:
        if (line === "") return { at: "complete" };
        checkTrailer(line);
        return this.#stage;
    }
  }

  #afterHead(): Stage {
    const { status, minorVersion } = this.#head;
    if (status < 200 && (minorVersion === 0 || this.#head.headers.has("connection")))
      throw new HttpError("BAD_STATUS_LINE", `The server sent a ${status} on a connection that ends with it`);
    // 100, 102 and 103 announce the real response; the budget goes on so that a stream of them ends.
    if (status < 200) return { at: "status" };
    const body = framing(this.#head);
    switch (body.type) {
      case "none":
        return { at: "complete" };
      case "counted":
        return { at: "counted", left: body.length };
      case "chunked":
        return this.#expectChunk();
      case "until-close":
        return { at: "until-close" };
    }
  }

  #expectChunk(): Stage {
    this.#lineBudget = chunkLineBytesMax;
    return { at: "chunk-size" };
  }

  #afterChunkSize(line: string): Stage {
    const digits = chunkLine.exec(line)?.[1];
    if (digits === undefined) throw new HttpError("BAD_CHUNK", "The server sent a malformed chunk size");
    const left = Number.parseInt(digits, 16);
    this.#lineBudget = left === 0 ? headBytesMax : chunkLineBytesMax;
    return left === 0 ? { at: "trailers" } : { at: "chunk", left };
  }

  #response(): HttpResponse {
    const { status, headers } = this.#head;
    const isFull = this.#bodyLength === this.#body.length;
    return { status, headers, body: isFull ? this.#body : this.#body.subarray(0, this.#bodyLength) };
  }
}

/** Trailers are checked, then dropped: nothing that a runtime reads arrives in one. What frames a body may not follow it. RFC 9110, 6.5.1 */
function checkTrailer(line: string): void {
  const trailer = new Map<string, string>();
  addHeader(trailer, line);
  if (trailer.has("content-length") || trailer.has("transfer-encoding"))
    throw new HttpError("BAD_HEADER", "The server sent a header behind the body that says how long that is");
}
