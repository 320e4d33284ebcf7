import { Writable } from "node:stream";
import { NativePromise } from "../platform/native-promise.ts";
import { headerSafe } from "../protocol/headers.ts";

interface Piece {
  readonly bytes: Uint8Array | undefined;
  readonly taken: (error?: Error) => void;
}

/** The stream that a streaming function writes its response to. Whoever sends the response reads `chunks`. */
export class ResponseStream extends Writable {
  /** The first byte was written, or it was said that there will be none. */
  readonly began: Promise<void>;
  /** The function has ended the stream, or nobody listens any more. */
  readonly over: Promise<void>;
  /** Set by `HttpResponseStream.from`, ours or anybody's copy of it: writes what comes before the first byte. */
  _onBeforeFirstWrite: ((write: (piece: string | Uint8Array) => unknown) => void) | undefined;
  readonly #begin: () => void;
  readonly #offers: Piece[] = [];
  #contentType = "application/octet-stream";
  #state: "new" | "begun" | "failed" = "new";
  #error: { readonly thrown: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(highWaterMark: number | undefined) {
    super(highWaterMark === undefined ? {} : { highWaterMark });
    const { promise: began, resolve: begin } = NativePromise.withResolvers<void>();
    const { promise: over, resolve: end } = NativePromise.withResolvers<void>();
    this.began = began;
    this.over = over;
    this.#begin = begin;
    this.once("prefinish", end).once("close", end);
    this.once("close", () => this.#wake?.());
    // The one who reads the chunks knows already; without a listener it would end the process.
    this.on("error", () => {});
  }

  get contentType(): string {
    return this.#contentType;
  }

  setContentType(contentType: string): void {
    if (this.#state !== "new") throw invalidOperation("Cannot set content-type, too late.");
    if (!headerSafe(contentType))
      throw invalidOperation("Cannot set content-type: HTTP forbids some of its characters");
    this.#contentType = contentType;
  }

  override write(chunk: unknown, ...rest: readonly unknown[]): boolean {
    this.#beginNow();
    // as: the overloads of `write` differ in what may be left out, and whatever was given is passed on.
    return (super.write as (...all: readonly unknown[]) => boolean).call(this, written(chunk), ...rest);
  }

  override end(...given: readonly unknown[]): this {
    this.#beginNow();
    const [chunk, ...rest] = given;
    const all =
      typeof chunk === "function" || chunk === undefined || chunk === null ? given : [written(chunk), ...rest];
    // as: as in `write`.
    return (super.end as (...all: readonly unknown[]) => this).call(this, ...all);
  }

  /** Ends the stream with an error behind what was written. False when it is too late for that. */
  fail(thrown: unknown): boolean {
    if (this.writableEnded || this.destroyed) return false;
    this.#error = { thrown };
    this.#state = "failed";
    super.end();
    return true;
  }

  /** The pieces in order; the next one is let in when it is asked for. Throws what the function failed with. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    let complete = false;
    try {
      while (!complete) {
        const { bytes, taken } = await this.#piece();
        if (bytes === undefined) complete = true;
        else yield bytes;
        taken();
      }
      if (this.#error !== undefined) throw this.#error.thrown;
    } finally {
      if (!complete) this.destroy(new Error("Nobody reads the response any more"));
    }
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, taken: (error?: Error) => void): void {
    this.#offer({ bytes: chunk, taken });
  }

  /** Many small writes leave as one chunk. */
  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], taken: (error?: Error) => void): void {
    this.#offer({ bytes: Buffer.concat(chunks.map(({ chunk }) => chunk)), taken });
  }

  override _final(taken: (error?: Error) => void): void {
    this.#offer({ bytes: undefined, taken });
  }

  #beginNow(): void {
    if (this.#state !== "new") return;
    this.#state = "begun";
    this._onBeforeFirstWrite?.((piece) => super.write(piece));
    this.#begin();
  }

  #offer(piece: Piece): void {
    this.#offers.push(piece);
    this.#wake?.();
  }

  async #piece(): Promise<Piece> {
    for (;;) {
      const piece = this.#offers.shift();
      if (piece !== undefined) return piece;
      if (this.destroyed) throw this.errored ?? new Error("The response stream was destroyed before it ended");
      await new NativePromise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** What is neither text nor bytes is sent as JSON. */
function written(chunk: unknown): unknown {
  return typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
}

function invalidOperation(message: string): Error {
  const error = new Error(message);
  error.name = "Runtime.InvalidStreamingOperation";
  return error;
}
