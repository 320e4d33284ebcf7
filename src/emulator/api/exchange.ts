import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { goJsonLine } from "../../protocol/go-json.ts";
import { headers, streamingMode } from "../../protocol/headers.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { passRequestBody, type ReadBody, type ReadStream, readRequestBody } from "./request-body.ts";

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  #body: Promise<ReadBody> | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
  }

  /** A header's value; repeated ones are joined, an absent one is undefined. */
  header(name: string): string | undefined {
    const value = this.request.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Path and query, also of a request line that names the whole URL. RFC 9112, section 3.2.2 */
  get target(): string {
    const url = this.request.url ?? "/";
    return /^https?:\/\//i.test(url) ? url.replace(/^https?:\/\/[^/?]*/i, "") : url;
  }

  get answered(): boolean {
    return this.#response.headersSent;
  }

  /** Whether the client has left without its answer. */
  get gone(): boolean {
    return this.request.socket.destroyed && !this.#response.writableFinished;
  }

  answer(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array): void {
    if (this.answered || this.gone) return;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    // That a connection stays open goes without saying in HTTP/1.1, and Lambda does not say it.
    if (this.#response.shouldKeepAlive && this.request.httpVersion === "1.1") this.#response.removeHeader("Connection");
    // RFC 9110, section 8.6: an answer without content has no length.
    const length = status === 204 ? {} : { "Content-Length": String(bytes.byteLength) };
    this.#response.writeHead(status, { ...headers, ...length });
    this.#response.end(bytes);
    this.request.resume();
  }

  /** Begins an answer whose body comes in pieces. Whoever writes to it ends it. */
  begin(status: number, headers: Readonly<Record<string, string | readonly string[]>>): Writable {
    for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value);
    this.#response.writeHead(status);
    // Without the first piece the caller would wait for the headers too.
    this.#response.flushHeaders();
    return this.#response;
  }

  /** JSON with the newline that Lambda's encoder puts after it. */
  answerJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.answer(status, { "Content-Type": "application/json", ...headers }, goJsonLine(value));
  }

  refuse({ status, errorType, errorMessage }: Refusal): void {
    this.answerJson(status, { errorMessage, errorType });
  }

  /** Calls `listener` once if the client goes away before it has its answer. A body that nobody reads does not hide that. */
  onDropped(listener: () => void): void {
    const { socket } = this.request;
    this.request.resume();
    socket.once("close", listener);
    this.#response.once("finish", () => socket.off("close", listener));
  }

  /** Resolves when the answer has been handed to the system or the client is gone. */
  async finished(): Promise<void> {
    if (this.#response.writableFinished || this.gone) return;
    const { socket } = this.request;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off("close", done);
        resolve();
      };
      this.#response.once("finish", done);
      socket.once("close", done);
    });
  }

  /** Whether the client announced a body that is to be passed on as it comes. */
  get streams(): boolean {
    return this.header(headers.responseMode) === streamingMode;
  }

  /** Passes the body on as it comes, in place of `readBody`. */
  passBody(pass: (chunk: Uint8Array) => Promise<void>): Promise<ReadStream> {
    return passRequestBody(this.request, pass);
  }

  /**
   * Reads the body, once, from the first call on. What exceeds the largest event is counted as oversize and not kept.
   * A client may close its connection as soon as it has sent everything, so whoever answers late begins to read early.
   */
  readBody(): Promise<ReadBody> {
    this.#body ??= readRequestBody(this.request);
    return this.#body;
  }
}
