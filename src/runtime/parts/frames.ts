/**
 * How a runtime and its child talk over two pipes. A frame is one line of JSON, and behind it as many raw bytes as its
 * `bytes` says (none, when it says nothing), so that every language can read one with what it has.
 */
import type { Readable } from "node:stream";

/** A frame as it came: the fields of its line, and the bytes behind it. */
export interface Frame {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** What came is no frame; the message says why. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  /** `cut`: the pipe ended inside it. */
  readonly code: "malformed" | "cut";

  constructor(code: "malformed" | "cut", message: string) {
    super(message);
    this.code = code;
  }
}

const lineBytesMax = 1_048_576;

export function encodeFrame(fields: Readonly<Record<string, unknown>>, body: Uint8Array = new Uint8Array()): Buffer {
  const bytes = body.byteLength === 0 ? {} : { bytes: body.byteLength };
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...fields, ...bytes })}\n`), body]);
}

/** The frames of a stream, each read when it is asked for. Ends with the stream; one that ends inside a frame throws. */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame, void> {
  const source = new ByteSource(stream);
  for (;;) {
    const line = await source.line();
    if (line === undefined) return;
    const fields = fieldsOf(line);
    const { bytes = 0 } = fields;
    if (typeof bytes !== "number" || !Number.isInteger(bytes) || bytes < 0)
      throw new FrameError("malformed", `"bytes" of a frame is a whole number, not ${JSON.stringify(bytes)}`);
    yield { fields, body: await source.bytes(bytes) };
  }
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Below.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new FrameError("malformed", `A frame begins with one line of JSON, not ${JSON.stringify(line.slice(0, 80))}`);
}

class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Without its end; undefined when the stream is over. */
  async line(): Promise<string | undefined> {
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const end = this.#held.indexOf(0x0a);
      const part = end < 0 ? this.#held : this.#held.subarray(0, end);
      parts.push(part);
      length += part.length;
      if (length > lineBytesMax)
        throw new FrameError("malformed", `The line of a frame has at most ${lineBytesMax} bytes`);
      if (end >= 0) {
        this.#held = this.#held.subarray(end + 1);
        return Buffer.concat(parts).toString("utf8");
      }
      if (await this.#more()) continue;
      if (length === 0) return undefined;
      throw new FrameError("cut", "The pipe ended inside the line of a frame");
    }
  }

  async bytes(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#held.length === 0 && !(await this.#more()))
        throw new FrameError("cut", `The pipe ended ${missing} bytes before the end of a frame`);
      const part = this.#held.subarray(0, missing);
      this.#held = this.#held.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    this.#held = done === true ? Buffer.alloc(0) : value;
    return done !== true;
  }
}
