import { StringDecoder } from "node:string_decoder";
import type { ProcessName } from "../core/environment/model.ts";
import { limits } from "../protocol/limits.ts";
import { LogTail } from "./log-tail.ts";

export interface LogLine {
  readonly source: "platform" | "function" | "extension";
  /** Of an extension. */
  readonly name?: string;
  /** Without its newline. */
  readonly text: string;
}

export type LogSource = Omit<LogLine, "text">;

export interface LogEars {
  /** A line of the log. */
  line(line: LogLine): void;
  /** A line that was read or written, whether it is kept or not. */
  read?(line: LogLine): void;
  /** Whether a line belongs into the log; every line does, where nobody says. */
  keeps?(line: LogLine): boolean;
  /** A tail in JSON format has whole lines only. */
  readonly wholeLinesInTail?: boolean;
}

/** A piece without a newline becomes a line at this length. */
const { logLineCharactersMax } = limits;

interface Partial {
  readonly decoder: StringDecoder;
  text: string;
}

/** The log stream of one environment: platform lines and what its processes write, in the order of their happening. */
export class EnvironmentLog {
  readonly #ears: LogEars;
  readonly #partial = new Map<string, Partial>();
  readonly #tails = new Map<string, LogTail>();

  constructor(ears: LogEars) {
    this.#ears = ears;
  }

  /** Splits output into lines; an unterminated piece waits for its newline or the end of the process. */
  write(source: LogSource, stream: string, chunk: Buffer): void {
    const key = keyOf(source, stream);
    const partial = this.#partial.get(key) ?? { decoder: new StringDecoder("utf8"), text: "" };
    const pieces = (partial.text + partial.decoder.write(chunk)).split("\n");
    partial.text = pieces.pop() ?? "";
    this.#partial.set(key, partial);
    for (const text of pieces) this.#add({ ...source, text });
    if (partial.text.length < logLineCharactersMax) return;
    this.#add({ ...source, text: partial.text });
    partial.text = "";
  }

  /** The process has ended: what it left without a newline, or in the middle of a character, is a line too. */
  end(source: LogSource): void {
    for (const stream of ["stdout", "stderr"]) {
      const partial = this.#partial.get(keyOf(source, stream));
      this.#partial.delete(keyOf(source, stream));
      const text = partial === undefined ? "" : partial.text + partial.decoder.end();
      if (text !== "") this.#add({ ...source, text });
    }
  }

  /** Platform lines. What was written before them has been read: see `outputRead`. */
  platform(lines: readonly string[]): void {
    for (const text of lines) this.#add({ source: "platform", text });
  }

  /** Keeps the lines from here on for `takeTail`. */
  keepTail(requestId: string): void {
    this.#tails.set(requestId, new LogTail(this.#ears.wholeLinesInTail));
  }

  /** The last 4 KiB of the lines that were kept. */
  takeTail(requestId: string): Buffer {
    const tail = this.#tails.get(requestId);
    this.#tails.delete(requestId);
    return tail?.bytes() ?? Buffer.alloc(0);
  }

  #add(line: LogLine): void {
    this.#ears.read?.(line);
    if (this.#ears.keeps?.(line) === false) return;
    for (const tail of this.#tails.values()) tail.add(line.text);
    this.#ears.line(line);
  }
}

/** Whose output the output of a process is. */
export function sourceOf(process: ProcessName): LogSource {
  if (process === "runtime") return { source: "function" };
  return { source: "extension", name: process.slice("extension:".length) };
}

function keyOf({ source, name }: LogSource, stream: string): string {
  return `${source} ${stream} ${name ?? ""}`;
}
