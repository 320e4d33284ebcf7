import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { machineClock } from "../platform/clock.ts";
import { limits } from "../protocol/limits.ts";
import { Pacer, type StreamPace } from "./stream-pace.ts";

/** A streamed response as a caller gets it, from its first byte on. */
export interface ResponseStream {
  /** What the runtime said of the body. */
  readonly contentType: string;
  /** Ends without an error however the response ended; `invoke` resolves to that. */
  readonly body: Readable;
}

/** Takes a streamed response at its beginning. */
export type TakeStream = (stream: ResponseStream) => void;

/** Where a streamed response goes while it is read. */
export interface StreamSink {
  /** Resolves when there is room for more. */
  write(chunk: Uint8Array): Promise<void>;
  end(): void;
}

/** Passes the response on; a caller that does not read holds the runtime up, one that has left does not. */
export class PassedStream implements StreamSink {
  readonly body = new PassThrough();
  readonly #over = Promise.withResolvers<void>();
  readonly #left = new AbortController();
  readonly #pacer: Pacer | undefined;

  /** Without a pace, as fast as the caller reads. */
  constructor(pace: StreamPace | undefined) {
    this.#pacer = pace && new Pacer(pace);
    this.body.once("close", this.#over.resolve);
    void this.#over.promise.then(() => this.#left.abort());
  }

  async write(chunk: Uint8Array): Promise<void> {
    const delayMs = this.#pacer?.delayMs(chunk.length, machineClock.now()) ?? 0;
    if (delayMs > 0) await pause(delayMs, undefined, { signal: this.#left.signal }).catch(() => {});
    if (this.body.destroyed || this.body.writableEnded || this.body.write(chunk)) return;
    await Promise.race([once(this.body, "drain"), this.#over.promise]);
  }

  end(): void {
    this.body.end();
    this.#over.resolve();
  }
}

/** Keeps the response for a caller that wants it whole, which then has the size limit of a buffered one. */
export class CollectedStream implements StreamSink {
  readonly contentType: string;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(contentType: string) {
    this.contentType = contentType;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.oversize) this.#chunks.length = 0;
    else this.#chunks.push(chunk);
  }

  end(): void {}

  get oversize(): boolean {
    return this.#bytes > limits.payloadBytesMax;
  }

  get payload(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
