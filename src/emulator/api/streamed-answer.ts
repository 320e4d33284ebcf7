import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { headers } from "../../protocol/headers.ts";
import type { PlacedInvocation } from "../invocation.ts";
import type { ResponseStream } from "../response-stream.ts";
import { invokeComplete, payloadChunk } from "./event-stream.ts";
import type { Exchange } from "./exchange.ts";

/**
 * The answer of InvokeWithResponseStream. A function that fails is not told apart from one that does not: what it
 * posted is the payload, and the end carries no error. So real answers have it, whatever the documentation says.
 */
export class StreamedAnswer {
  readonly #exchange: Exchange;
  readonly #headers: Readonly<Record<string, string>>;
  #passing: { readonly to: Writable; readonly done: Promise<void> } | undefined;

  constructor(exchange: Exchange, ownHeaders: Readonly<Record<string, string>>) {
    this.#exchange = exchange;
    this.#headers = ownHeaders;
  }

  /** The runtime streams: pieces go out as they come. */
  stream({ contentType, body }: ResponseStream): void {
    const to = this.#begin(contentType);
    const done = pipeline(body, framed, to, { end: false }).catch(() => {
      // The caller has left; the invocation runs to its end all the same.
    });
    this.#passing = { to, done };
  }

  /** The invocation has its outcome: a response that was not streamed goes out in one piece. */
  async end(placed: PlacedInvocation, tail: boolean): Promise<void> {
    const to = this.#passing?.to ?? this.#begin("application/json");
    if (this.#passing === undefined && placed.payload.length > 0) to.write(payloadChunk(placed.payload));
    await this.#passing?.done;
    to.end(invokeComplete(tail ? (await placed.logTail).toString("base64") : undefined));
  }

  #begin(contentType: string): Writable {
    return this.#exchange.begin(200, {
      ...this.#headers,
      "Content-Type": "application/vnd.amazon.eventstream",
      [headers.amznRemappedContentType]: contentType,
    });
  }
}

async function* framed(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  for await (const chunk of chunks) yield payloadChunk(chunk);
}
