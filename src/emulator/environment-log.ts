import { StringDecoder } from "node:string_decoder";
import { limits } from "../protocol/limits.ts";

export interface LogLine {
  readonly source: "platform" | "function" | "extension";
  /** Of an extension. */
  readonly name?: string;
  /** Without its newline. */
  readonly text: string;
}

/** The log stream of one environment: platform lines and what its processes write, in the order of their happening. */
export class EnvironmentLog {
  readonly #listener: (line: LogLine) => void;
  readonly #partial = new Map<string, { readonly decoder: StringDecoder; text: string }>();
  readonly #tails = new Map<string, string[]>();

  constructor(listener: (line: LogLine) => void) {
    this.#listener = listener;
  }

  /** Splits output into lines; an unterminated piece waits for its newline or the end of the process. */
  write(line: Omit<LogLine, "text">, stream: string, chunk: Buffer): void {
    const key = `${line.source} ${line.name ?? ""} ${stream}`;
    const partial = this.#partial.get(key) ?? { decoder: new StringDecoder("utf8"), text: "" };
    const pieces = (partial.text + partial.decoder.write(chunk)).split("\n");
    partial.text = pieces.pop() ?? "";
    this.#partial.set(key, partial);
    for (const text of pieces) this.#add({ ...line, text });
  }

  /** The process has ended: what it left without a newline is a line too. */
  end(line: Omit<LogLine, "text">): void {
    for (const stream of ["stdout", "stderr"]) {
      const key = `${line.source} ${line.name ?? ""} ${stream}`;
      const text = this.#partial.get(key)?.text ?? "";
      this.#partial.delete(key);
      if (text !== "") this.#add({ ...line, text });
    }
  }

  /** Platform lines. What was written before them has been read: see `outputRead`. */
  platform(lines: readonly string[]): void {
    for (const text of lines) this.#add({ source: "platform", text });
  }

  /** Keeps the lines from here on for `takeTail`. */
  keepTail(requestId: string): void {
    this.#tails.set(requestId, []);
  }

  /** The last 4 KiB of the lines that were kept; bytes of a character that was cut become U+FFFD, as Lambda has it. */
  takeTail(requestId: string): Buffer {
    const text = Buffer.from((this.#tails.get(requestId) ?? []).map((line) => `${line}\n`).join(""));
    this.#tails.delete(requestId);
    return Buffer.from(text.subarray(Math.max(0, text.length - limits.logTailBytesMax)).toString());
  }

  #add(line: LogLine): void {
    for (const tail of this.#tails.values()) tail.push(line.text);
    this.#listener(line);
  }
}
