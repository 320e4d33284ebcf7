import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { WireExchange, WireMessage } from "../platform/wire-message.ts";
import { WireReader } from "../platform/wire-reader.ts";

/** A request of the suite's own, as it goes over the wire. `body` follows the head's empty line. */
export interface RawRequest {
  readonly head: string;
  readonly body: Buffer;
}

interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** In place of a counted body. */
  readonly framing?: Readonly<Record<string, string>>;
  readonly version?: "1.0" | "1.1";
}

/** Head and framing of a request. Cases give methods, paths and headers; nothing is added that a server might need. */
export function rawRequest(authority: string, parts: RequestParts): RawRequest {
  const { method, path, headers, body, version = "1.1" } = parts;
  const length = body === undefined ? {} : { "Content-Length": String(body.length) };
  const lines = Object.entries({ Host: authority, ...(parts.framing ?? length), ...headers }).map(
    ([name, value]) => `\r\n${name}: ${value}`,
  );
  return { head: `${method} ${path} HTTP/${version}${lines.join("")}`, body: body ?? Buffer.alloc(0) };
}

/** A caller from outside, with a connection of its own for one request. */
export class Caller {
  readonly #socket: Socket;
  readonly #waiting: { readonly bytes: Buffer; readonly resolve: () => void }[] = [];
  readonly #settled = Promise.withResolvers<WireExchange>();
  #heard = Buffer.alloc(0);

  constructor(authority: string, request: RawRequest, signal: AbortSignal) {
    const at = performance.now();
    const { host, port } = parsed(authority);
    const socket = connect({ host, port, noDelay: true, signal });
    this.#socket = socket;
    const settle = (end: { readonly answer: WireMessage & { readonly at: number } } | { readonly lost: string }) => {
      this.#settled.resolve({ connection: "caller", at, request, sentAt: at, ...end });
      socket.destroy();
    };
    const reader = messageReader(
      (answer) => settle({ answer: { ...answer, at: performance.now() } }),
      (reason) => settle({ lost: `the answer is no HTTP/1.1: ${reason}` }),
    );
    socket.on("data", (bytes: Buffer) => this.#hear(bytes));
    socket.on("data", (bytes: Buffer) => reader.push(bytes));
    socket.on("end", () => reader.close());
    socket.on("error", (error) => settle({ lost: `the connection was lost: ${error.message}` }));
    socket.on("close", () => settle({ lost: "the connection was closed without an answer" }));
    socket.write(Buffer.concat([Buffer.from(`${request.head}\r\n\r\n`, "latin1"), request.body]));
  }

  /** Resolves however it ends: with an answer, or with why there is none. */
  get exchange(): Promise<WireExchange> {
    return this.#settled.promise;
  }

  /** Resolves when these bytes have come. */
  saw(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    if (this.#heard.includes(bytes)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  /** Leaves without the answer. */
  abandon(): void {
    this.#socket.destroy();
  }

  /** The beginning of an answer is enough to wait for. */
  #hear(bytes: Buffer): void {
    if (this.#heard.length > 65_536) return;
    this.#heard = Buffer.concat([this.#heard, bytes]);
    for (const waiting of this.#waiting) if (this.#heard.includes(waiting.bytes)) waiting.resolve();
  }
}

/** Reads answers one after another; 1xx announcements are passed over, and told. */
export function messageReader(
  complete: (answer: WireMessage) => void,
  broken: (reason: string) => void,
  announced: () => void = () => {},
): WireReader {
  let head = "";
  let body: Buffer[] = [];
  return new WireReader("response", {
    head: (text) => {
      head = text;
      body = [];
    },
    body: (_raw, data) => body.push(data),
    end: () => (/^HTTP\/1\.[01] 1/.test(head) ? announced() : complete({ head, body: Buffer.concat(body) })),
    broken,
  });
}

function parsed(authority: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(authority);
  return { host: match?.[1] ?? match?.[2] ?? authority, port: Number(match?.[3] ?? 80) };
}
