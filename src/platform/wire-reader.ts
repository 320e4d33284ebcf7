/** What a reader says of the stream that it reads. */
export interface WireListener {
  head(text: string): void;
  /** `raw` are the bytes as sent, `data` what they contribute to the body. */
  body(raw: Buffer, data: Buffer): void;
  end(): void;
  /** A line after the last chunk; its bytes came as `body` already. */
  trailer?(line: string): void;
  /** The stream is no HTTP from here on; what follows arrives as `body`. */
  broken(reason: string): void;
}

type State =
  | { readonly at: "head" | "chunk-size" | "chunk-end" | "trailers" | "until-close" | "broken" }
  | { readonly at: "counted" | "chunk"; readonly left: number };

const nothing = Buffer.alloc(0);

/** Header lines of one message; Lambda's own front end stops far below. */
const headBytesMax = 4 * 1024 * 1024;

/**
 * Splits one direction of a connection into HTTP/1.1 messages. It judges nothing but framing: the subject of a case
 * may write what it likes, and the case says what is wrong with it.
 */
export class WireReader {
  readonly #kind: "request" | "response";
  readonly #listener: WireListener;
  #input: Buffer = nothing;
  #state: State = { at: "head" };

  constructor(kind: "request" | "response", listener: WireListener) {
    this.#kind = kind;
    this.#listener = listener;
  }

  push(bytes: Buffer): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    while (this.#input.length > 0 && this.#advance());
  }

  /** The sender has closed its side. */
  close(): void {
    if (this.#state.at === "until-close") this.#finish();
    else if (this.#state.at !== "head" || this.#input.length > 0) this.#break("the connection ended inside a message");
  }

  /** One step; false when it needs more bytes. */
  #advance(): boolean {
    const state = this.#state;
    switch (state.at) {
      case "head":
        return this.#takeHead();
      case "counted":
      case "chunk":
        return this.#takeBody(state.at, state.left);
      case "until-close":
      case "broken":
        this.#emit(this.#input.length, this.#input);
        return false;
      default:
        return this.#takeLine(state.at);
    }
  }

  #takeHead(): boolean {
    const end = this.#input.indexOf("\r\n\r\n");
    if (end < 0 && this.#input.length > headBytesMax) return this.#break("a head does not end");
    if (end < 0) return false;
    const text = this.#input.toString("latin1", 0, end);
    const first = text.split("\r\n", 1)[0] ?? "";
    const expected = this.#kind === "request" ? /^[!-~]+ [!-~]+ HTTP\/1\.[01]$/ : /^HTTP\/1\.[01] \d{3}/;
    if (!expected.test(first)) return this.#break(`a ${this.#kind} begins with ${JSON.stringify(first.slice(0, 80))}`);
    this.#input = this.#input.subarray(end + 4);
    this.#listener.head(text);
    this.#begin(text, first);
    return true;
  }

  #begin(text: string, first: string): void {
    const lengths = [...text.matchAll(/\r\ncontent-length:[ \t]*([^\r]*?)[ \t]*(?=\r\n|$)/gi)].map((match) => match[1]);
    const chunked = /\r\ntransfer-encoding:[^\r]*chunked/i.test(text);
    const bodiless = this.#kind === "response" && /^HTTP\/1\.[01] (1\d\d|204|304)/.test(first);
    const [length] = lengths;
    if (lengths.length > 1 || (length !== undefined && !/^\d+$/.test(length))) {
      this.#break(`Content-Length is ${JSON.stringify(lengths.join(", "))}`);
    } else if (bodiless) this.#finish();
    else if (chunked) this.#state = { at: "chunk-size" };
    else if (length === undefined && this.#kind === "response") this.#state = { at: "until-close" };
    else if (Number(length ?? 0) === 0) this.#finish();
    else this.#state = { at: "counted", left: Number(length) };
  }

  #takeBody(at: "counted" | "chunk", left: number): boolean {
    const taken = Math.min(left, this.#input.length);
    this.#emit(taken, this.#input.subarray(0, taken));
    if (taken < left) this.#state = { at, left: left - taken };
    else if (at === "counted") this.#finish();
    else this.#state = { at: "chunk-end" };
    return true;
  }

  #takeLine(at: "chunk-size" | "chunk-end" | "trailers"): boolean {
    const end = this.#input.indexOf("\r\n");
    if (end < 0 && this.#input.length > headBytesMax) return this.#break("a line does not end");
    if (end < 0) return false;
    const line = this.#input.toString("latin1", 0, end);
    this.#emit(end + 2, nothing);
    if (at === "chunk-end") this.#state = { at: "chunk-size" };
    else if (at === "trailers") this.#takeTrailer(line);
    else this.#afterSize(line);
    return true;
  }

  #takeTrailer(line: string): void {
    if (line === "") this.#finish();
    else this.#listener.trailer?.(line);
  }

  #afterSize(line: string): void {
    const size = /^([0-9A-Fa-f]{1,8})\s*(;.*)?$/.exec(line)?.[1];
    if (size === undefined) this.#break(`a chunk begins with ${JSON.stringify(line.slice(0, 80))}`);
    else
      this.#state =
        Number.parseInt(size, 16) === 0 ? { at: "trailers" } : { at: "chunk", left: Number.parseInt(size, 16) };
  }

  #emit(length: number, data: Buffer): void {
    const raw = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    this.#listener.body(raw, data);
  }

  #finish(): void {
    this.#state = { at: "head" };
    this.#listener.end();
  }

  #break(reason: string): boolean {
    this.#state = { at: "broken" };
    this.#listener.broken(reason);
    return true;
  }
}
