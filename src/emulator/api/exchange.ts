import type { IncomingMessage, ServerResponse } from "node:http";
import { goJsonLine } from "../../protocol/go-json.ts";
import type { Refusal } from "../../protocol/refusal.ts";

/** How a request's body ended. */
export interface ReadBody {
  readonly ending: "complete" | "truncated" | "oversize";
  readonly bytes: Buffer;
}

/** Bodies over the limit are read to their end, so that the client can finish its request, but only this far. */
const drainedBytesMax = 256 * 1024 * 1024;

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
  }

  /** A header's value; repeated ones are joined, an absent one is undefined. */
  header(name: string): string | undefined {
    const value = this.request.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get answered(): boolean {
    return this.#response.headersSent;
  }

  answer(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array): void {
    if (this.answered || this.#response.destroyed) return;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    this.#response.writeHead(status, { ...headers, "Content-Length": String(bytes.byteLength) });
    this.#response.end(bytes);
    this.request.resume();
  }

  /** JSON with the newline that Lambda's encoder puts after it. */
  answerJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.answer(status, { "Content-Type": "application/json", ...headers }, goJsonLine(value));
  }

  refuse({ status, errorType, errorMessage }: Refusal): void {
    this.answerJson(status, { errorMessage, errorType });
  }

  /** Calls `listener` once if the client goes away before it has its answer. */
  onDropped(listener: () => void): void {
    this.#response.once("close", () => this.#response.writableFinished || listener());
  }

  /** Resolves when the answer has been handed to the system or the client is gone. */
  async finished(): Promise<void> {
    if (this.#response.writableFinished || this.#response.destroyed) return;
    await new Promise<void>((resolve) => this.#response.once("close", resolve));
  }

  /** Reads the body; what exceeds `bytesMax` is counted as oversize and not kept. */
  async readBody(bytesMax: number): Promise<ReadBody> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of this.request) {
        size += chunk.length;
        if (size <= bytesMax) chunks.push(chunk);
        else chunks.length = 0;
        if (size > drainedBytesMax) break;
      }
    } catch {
      // The connection ended before the body did; what there is of it says so.
      return { ending: "truncated", bytes: Buffer.concat(chunks) };
    }
    if (size > bytesMax) return { ending: "oversize", bytes: Buffer.alloc(0) };
    return { ending: this.request.complete ? "complete" : "truncated", bytes: Buffer.concat(chunks) };
  }
}
