import { limits } from "../protocol/limits.ts";

/** The end of a log: as many of the latest lines as 4 KiB need, and no more, however much is written. */
export class LogTail {
  readonly #lines: Buffer[] = [];
  readonly #wholeLines: boolean;
  #size = 0;

  /** `wholeLines`: a line that is cut is left out. */
  constructor(wholeLines = false) {
    this.#wholeLines = wholeLines;
  }

  add(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    this.#lines.push(bytes);
    this.#size += bytes.length;
    for (let first = this.#lines[0]; first !== undefined; first = this.#lines[0]) {
      if (this.#size - first.length < limits.logTailBytesMax) return;
      this.#size -= first.length;
      this.#lines.shift();
    }
  }

  /** The last 4,096 bytes; those of a character that was cut become U+FFFD each, three bytes long, as Lambda has it. */
  bytes(): Buffer {
    const [first, ...others] = this.#lines;
    const cut = this.#wholeLines && first !== undefined && this.#size > limits.logTailBytesMax;
    const text = Buffer.concat(cut ? others : this.#lines);
    return Buffer.from(text.subarray(Math.max(0, text.length - limits.logTailBytesMax)).toString());
  }
}
