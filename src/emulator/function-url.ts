import { randomUUID } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { machineClock } from "../platform/clock.ts";
import { functionArn } from "../protocol/arn.ts";
import { headerSafe, httpIntegrationContentType } from "../protocol/headers.ts";
import { type HttpMetadata, PreludeReader } from "../protocol/http-prelude.ts";
import type { Exchange } from "./api/exchange.ts";
import { ApiServer } from "./api/server.ts";
import { type UrlResponse, urlEvent, urlResponse } from "./api/url-event.ts";
import type { AcceptedInvocation, InvocationResult } from "./invocation.ts";
import { FunctionClosedError, type LambdaFunction, ThrottledError } from "./lambda-function.ts";
import type { ResponseStream } from "./response-stream.ts";

export type InvokeMode = "BUFFERED" | "RESPONSE_STREAM";

/** A function URL without authentication, on a port of the loopback address. */
export class FunctionUrl {
  readonly #lambda: LambdaFunction;
  readonly #mode: InvokeMode;
  readonly #server = new ApiServer([], (exchange) => this.#serve(exchange));

  constructor(lambda: LambdaFunction, mode: InvokeMode = "BUFFERED") {
    this.#lambda = lambda;
    this.#mode = mode;
  }

  /** Resolves to `host:port`; port 0 takes a free one. Throws `PortTakenError`. */
  listen(port: number): Promise<string> {
    return this.#server.listen("127.0.0.1", port);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(exchange: Exchange): Promise<void> {
    const body = await exchange.readBody();
    if (body.ending !== "complete") return exchange.answer(413, {}, "");
    const passing: Promise<void>[] = [];
    const streamed = (stream: ResponseStream) => passing.push(passOn(exchange, stream));
    try {
      const result = await this.#lambda.invoke(
        this.#invocation(exchange, body.bytes),
        this.#mode === "RESPONSE_STREAM" ? streamed : undefined,
      );
      await Promise.all(passing);
      if (passing.length === 0) answerBuffered(exchange, result);
    } catch (error) {
      if (error instanceof FunctionClosedError) return answerFailure(exchange);
      if (!(error instanceof ThrottledError)) throw error;
      exchange.answer(429, { "content-type": "application/json" }, JSON.stringify({ Message: error.message }));
    }
  }

  #invocation(exchange: Exchange, body: Uint8Array): AcceptedInvocation {
    const requestId = randomUUID();
    const { method = "GET", socket } = exchange.request;
    const names = Object.keys(exchange.request.headers);
    const event = urlEvent({
      method,
      target: exchange.target,
      headers: Object.fromEntries(names.map((name) => [name, exchange.header(name) ?? ""])),
      body,
      sourceIp: socket.remoteAddress ?? "127.0.0.1",
      requestId,
      epochMs: machineClock.epochMs(),
    });
    return {
      requestId,
      invocationId: randomUUID(),
      event: Buffer.from(JSON.stringify(event)),
      invokedFunctionArn: functionArn(this.#lambda.configuration),
    };
  }
}

function answerBuffered(exchange: Exchange, { payload, functionError, contentType }: InvocationResult): void {
  if (contentType === httpIntegrationContentType) return answerPreludeOnly(exchange, payload);
  answerWith(exchange, urlResponse(payload, functionError !== undefined));
}

/** A runtime that streams behind a BUFFERED url: the metadata counts and the body is dropped, as on the real service. */
function answerPreludeOnly(exchange: Exchange, payload: Uint8Array): void {
  const read = new PreludeReader().push(payload);
  if (read.at === "read") answerWith(exchange, { ...read.metadata, body: new Uint8Array() });
  else answerFailure(exchange);
}

function answerFailure(exchange: Exchange): void {
  answerWith(exchange, urlResponse(new Uint8Array(), true));
}

function answerWith(exchange: Exchange, { body, ...metadata }: UrlResponse): void {
  exchange.begin(statusOf(metadata), headersOf(metadata)).end(body);
}

/** A body with a prelude says its own status; any other is passed on as it is. */
async function passOn(exchange: Exchange, { contentType, body }: ResponseStream): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  if (contentType !== httpIntegrationContentType) return write(exchange, plain(contentType), chunks);
  const prelude = new PreludeReader();
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    const read = prelude.push(next.value);
    if (read.at === "malformed") return answerFailure(exchange);
    if (read.at === "read") return write(exchange, read.metadata, startingWith(read.rest, chunks));
  }
  answerFailure(exchange);
}

async function write(exchange: Exchange, metadata: HttpMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(chunks, exchange.begin(statusOf(metadata), headersOf(metadata)));
  } catch {
    // The caller has left; the invocation runs to its end all the same.
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

/** Headers that cannot stand in a response, or that would change how it is framed, are left out. */
function headersOf({ headers, cookies }: HttpMetadata): Readonly<Record<string, string | readonly string[]>> {
  const framing = ["content-length", "transfer-encoding", "connection", "keep-alive"];
  const usable = Object.entries(headers).filter(
    ([name, value]) =>
      /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name) && headerSafe(value) && !framing.includes(name.toLowerCase()),
  );
  const safeCookies = cookies.filter(headerSafe);
  return { ...Object.fromEntries(usable), ...(safeCookies.length > 0 ? { "set-cookie": safeCookies } : {}) };
}
