import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { headerSafe, httpIntegrationContentType } from "../protocol/headers.ts";
import { type HttpMetadata, PreludeReader } from "../protocol/http-prelude.ts";
import type { Exchange } from "./api/exchange.ts";
import { type UrlResponse, urlResponse } from "./api/url-event.ts";
import type { InvocationResult } from "./invocation.ts";
import type { ResponseStream } from "./response-stream.ts";

/** The answer to one request of a function URL: the function's result as HTTP, and what the URL adds to it. */
export class UrlAnswer {
  readonly #exchange: Exchange;
  readonly #added: Readonly<Record<string, string>>;

  /** `added` stands beside the function's own headers, in lines of its own where they have the same name. */
  constructor(exchange: Exchange, added: Readonly<Record<string, string>>) {
    this.#exchange = exchange;
    this.#added = added;
  }

  /** A result that came as a whole. */
  result({ payload, functionError, contentType }: InvocationResult): void {
    if (contentType === httpIntegrationContentType) return this.#preludeOnly(payload);
    this.#with(urlResponse(payload, functionError !== undefined));
  }

  failure(): void {
    this.#with(urlResponse(new Uint8Array(), true));
  }

  refusal(statusCode: number, message?: string): void {
    const body = message === undefined ? "" : JSON.stringify({ Message: message });
    const headers: Readonly<Record<string, string>> =
      message === undefined ? {} : { "content-type": "application/json" };
    this.#with({ statusCode, headers, cookies: [], body: Buffer.from(body) });
  }

  /** A result that comes in pieces: a body with a prelude says its own status, any other is passed on as it is. */
  async stream({ contentType, body }: ResponseStream): Promise<void> {
    const chunks = body[Symbol.asyncIterator]();
    if (contentType !== httpIntegrationContentType) return this.#pass(plain(contentType), chunks);
    const prelude = new PreludeReader();
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      const read = prelude.push(next.value);
      if (read.at === "malformed") return this.failure();
      if (read.at === "read") return this.#pass(read.metadata, startingWith(read.rest, chunks));
    }
    this.failure();
  }

  /** A runtime that streams behind a BUFFERED url: the metadata counts and the body is dropped, as on the real service. */
  #preludeOnly(payload: Uint8Array): void {
    const read = new PreludeReader().push(payload);
    if (read.at === "read") this.#with({ ...read.metadata, body: new Uint8Array() });
    else this.failure();
  }

  /** Its length is known, and clients of HTTP/1.0 need it. RFC 9110, section 8.6, has none for these statuses. */
  #with({ body, ...metadata }: UrlResponse): void {
    const bare = [204, 304].includes(statusOf(metadata));
    this.#begin(metadata, bare ? {} : { "content-length": String(body.length) }).end(body);
  }

  async #pass(metadata: HttpMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await pipeline(chunks, this.#begin(metadata));
    } catch {
      // The caller has left; the invocation runs to its end all the same.
    }
  }

  #begin(metadata: HttpMetadata, framing: Readonly<Record<string, string>> = {}): Writable {
    const own = headersOf(metadata);
    const both = Object.entries(this.#added).map(([name, value]) => {
      const given = own[name];
      return [name, given === undefined ? value : [given, value].flat()] as const;
    });
    return this.#exchange.begin(statusOf(metadata), {
      ...own,
      ...Object.fromEntries(both),
      ...framing,
    });
  }
}

async function* startingWith(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (first.length > 0) yield first;
  yield* rest;
}

function plain(contentType: string): HttpMetadata {
  return { statusCode: 200, headers: { "content-type": contentType }, cookies: [] };
}

function statusOf({ statusCode }: HttpMetadata): number {
  return statusCode >= 200 && statusCode <= 599 ? statusCode : 502;
}

/** Lower-case names. Headers that cannot stand in a response, or that would change how it is framed, are left out. */
function headersOf({ headers, cookies }: HttpMetadata): Readonly<Record<string, string | readonly string[]>> {
  const framing = ["content-length", "transfer-encoding", "connection", "keep-alive"];
  const usable = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && headerSafe(value) && !framing.includes(name));
  const safeCookies = cookies.filter(headerSafe);
  return { ...Object.fromEntries(usable), ...(safeCookies.length > 0 ? { "set-cookie": safeCookies } : {}) };
}
