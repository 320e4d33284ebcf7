import { appendFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type WireTranscriptHead, wireTranscriptLine } from "../../protocol/wire-transcript.ts";

/** Read by its owner alone: redaction knows what secrets look like, not what they are. */
const mode = 0o600;

/**
 * A transcript that never grows beyond a size: the oldest lines go, half of it at a time, and are counted in its second
 * line. It is written at once, so nothing is lost with the process. A file that was there is continued.
 */
export class TranscriptFile {
  readonly #path: string;
  readonly #bytesMax: number;
  readonly #head: WireTranscriptHead;
  #size: number;

  constructor(path: string, bytesMax: number, head: WireTranscriptHead) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#head = head;
    this.#size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.append(wireTranscriptLine(head));
  }

  append(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#size + bytes > this.#bytesMax) return this.#shorten(line);
    appendFileSync(this.#path, line, { mode });
    this.#size += bytes;
  }

  #shorten(newest: string): void {
    const lines = [...this.#lines(), newest];
    const budget = this.#bytesMax / 2;
    let kept = 0;
    let from = lines.length;
    for (let index = lines.length - 1; index >= 0; index -= 1) {
      kept += Buffer.byteLength(lines[index] ?? "");
      if (kept > budget) break;
      from = index;
    }
    const gone = lines.slice(0, from).reduce(counted, { lines: 0, bytes: 0 });
    const dropped = { wire: "dropped", at: this.#head.at, ...gone } as const;
    const text = [wireTranscriptLine(this.#head), wireTranscriptLine(dropped), ...lines.slice(from)].join("");
    const temporary = `${this.#path}.${process.pid}`;
    try {
      writeFileSync(temporary, text, { mode });
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    this.#size = Buffer.byteLength(text);
  }

  #lines(): readonly string[] {
    return readFileSync(this.#path, "utf8")
      .split(/(?<=\n)/)
      .filter((line) => line.endsWith("\n"));
  }
}

interface Count {
  readonly lines: number;
  readonly bytes: number;
}

/** What went before is in the line that told of it; heads are written again and are no loss. */
function counted({ lines, bytes }: Count, line: string): Count {
  if (line.startsWith('{"wire":"transcript"')) return { lines, bytes };
  if (!line.startsWith('{"wire":"dropped"')) return { lines: lines + 1, bytes: bytes + Buffer.byteLength(line) };
  // as: this file's own line; one that is broken counts as one.
  const before = parsed(line) as Partial<Count> | undefined;
  return { lines: lines + (before?.lines ?? 1), bytes: bytes + (before?.bytes ?? 0) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
