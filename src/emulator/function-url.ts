import { randomUUID } from "node:crypto";
import { machineClock } from "../platform/clock.ts";
import { functionArn } from "../protocol/arn.ts";
import type { Exchange } from "./api/exchange.ts";
import { ApiServer } from "./api/server.ts";
import { traceIdOf } from "./api/trace-id.ts";
import { urlEvent } from "./api/url-event.ts";
import { InvalidConfigurationError } from "./function-configuration.ts";
import { type AcceptedInvocation, FunctionClosedError, InvocationRefusedError, ThrottledError } from "./invocation.ts";
import type { Invocable } from "./lambda-function.ts";
import type { ResponseStream } from "./response-stream.ts";
import { UrlAnswer } from "./url-answer.ts";
import {
  type CorsRequest,
  corsHeaders,
  parseUrlCors,
  preflightHeaders,
  type UrlCors,
  type UrlCorsInput,
} from "./url-cors.ts";

export type InvokeMode = "BUFFERED" | "RESPONSE_STREAM";

export interface FunctionUrlOptions {
  /** BUFFERED by default. */
  readonly mode?: InvokeMode;
  /** Without it the URL says nothing about CORS, and preflight requests go to the function. */
  readonly cors?: UrlCorsInput | undefined;
}

/** A function URL without authentication, on a port of the loopback address. */
export class FunctionUrl {
  readonly #lambda: Invocable;
  readonly #mode: InvokeMode;
  readonly #cors: UrlCors | undefined;
  readonly #server = new ApiServer([], (exchange) => this.#serve(exchange));

  /** Throws where there is no such URL on Lambda: `InvalidCorsError`, and `InvalidConfigurationError` with tenants. */
  constructor(lambda: Invocable, { mode = "BUFFERED", cors }: FunctionUrlOptions = {}) {
    if (lambda.configuration.tenantIsolationMode !== undefined)
      throw new InvalidConfigurationError("tenantIsolationMode", "nothing when the function has a URL");
    this.#lambda = lambda;
    this.#mode = mode;
    this.#cors = cors === undefined ? undefined : parseUrlCors(cors);
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
    const asked = corsRequestOf(exchange);
    const preflight = this.#cors && preflightHeaders(this.#cors, asked);
    if (preflight !== undefined) return exchange.answer(200, preflight, "");
    const answer = new UrlAnswer(exchange, this.#cors === undefined ? {} : corsHeaders(this.#cors, asked));
    const body = await exchange.readBody();
    if (body.ending !== "complete") return answer.refusal(413);
    const passing: Promise<void>[] = [];
    const streamed = (stream: ResponseStream) => passing.push(answer.stream(stream));
    try {
      const result = await this.#lambda.invoke(
        this.#invocation(exchange, body.bytes),
        this.#mode === "RESPONSE_STREAM" ? streamed : undefined,
      );
      await Promise.all(passing);
      if (passing.length === 0) answer.result(result);
    } catch (error) {
      if (error instanceof FunctionClosedError || error instanceof InvocationRefusedError) return answer.failure();
      if (!(error instanceof ThrottledError)) throw error;
      answer.refusal(429, error.message);
    }
  }

  #invocation(exchange: Exchange, body: Uint8Array): AcceptedInvocation {
    const requestId = randomUUID();
    const { method = "GET", socket } = exchange.request;
    const traceId = traceIdOf(exchange);
    const names = Object.keys(exchange.request.headers);
    const event = urlEvent({
      method,
      target: exchange.target,
      headers: Object.fromEntries(names.map((name) => [name, exchange.header(name) ?? ""])),
      body,
      sourceIp: socket.remoteAddress ?? "127.0.0.1",
      port: socket.localPort ?? 0,
      traceId,
      requestId,
      epochMs: machineClock.epochMs(),
    });
    return {
      requestId,
      invocationId: randomUUID(),
      event: Buffer.from(JSON.stringify(event)),
      invokedFunctionArn: functionArn(this.#lambda.configuration),
      traceId,
    };
  }
}

function corsRequestOf(exchange: Exchange): CorsRequest {
  return {
    method: exchange.request.method ?? "GET",
    origin: exchange.header("origin"),
    requestedMethod: exchange.header("access-control-request-method"),
  };
}
