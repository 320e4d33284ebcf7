import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { WireExchange, WireMessage } from "../platform/wire-message.ts";
import { WireReader } from "../platform/wire-reader.ts";

/** A request of the suite's own, as it goes over the wire. `body` follows the head's empty line. */
export interface RawRequest {
  readonly head: string;
  readonly body: Buffer;
}

/** Head and framing of a request. Cases give methods, paths and headers; nothing is added that a server might need. */
export function rawRequest(
  authority: string,
  {
    method,
    path,
    headers,
    body,
  }: { method: string; path: string; headers: Readonly<Record<string, string>>; body?: Buffer },
): RawRequest {
  const length = body === undefined ? {} : { "Content-Length": String(body.length) };
  const lines = Object.entries({ Host: authority, ...length, ...headers }).map(
    ([name, value]) => `\r\n${name}: ${value}`,
  );
  return { head: `${method} ${path} HTTP/1.1${lines.join("")}`, body: body ?? Buffer.alloc(0) };
}

/** Sends one request over a connection of its own. Resolves however it ends: with an answer, or with why there is none. */
export function rawCall(authority: string, request: RawRequest, signal: AbortSignal): Promise<WireExchange> {
  const at = performance.now();
  const { host, port } = parsed(authority);
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, signal });
    const settle = (end: { readonly answer: WireMessage & { readonly at: number } } | { readonly lost: string }) => {
      resolve({ connection: "caller", at, request, sentAt: at, ...end });
      socket.destroy();
    };
    const reader = messageReader(
      (answer) => settle({ answer: { ...answer, at: performance.now() } }),
      (reason) => settle({ lost: `the answer is no HTTP/1.1: ${reason}` }),
    );
    socket.on("data", (bytes: Buffer) => reader.push(bytes));
    socket.on("end", () => reader.close());
    socket.on("error", (error) => settle({ lost: `the connection was lost: ${error.message}` }));
    socket.on("close", () => settle({ lost: "the connection was closed without an answer" }));
    socket.write(Buffer.concat([Buffer.from(`${request.head}\r\n\r\n`, "latin1"), request.body]));
  });
}

/** Reads answers one after another; 1xx announcements are passed over. */
export function messageReader(complete: (answer: WireMessage) => void, broken: (reason: string) => void): WireReader {
  let head = "";
  let body: Buffer[] = [];
  return new WireReader("response", {
    head: (text) => {
      head = text;
      body = [];
    },
    body: (_raw, data) => body.push(data),
    end: () => /^HTTP\/1\.[01] 1/.test(head) || complete({ head, body: Buffer.concat(body) }),
    broken,
  });
}

function parsed(authority: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(authority);
  return { host: match?.[1] ?? match?.[2] ?? authority, port: Number(match?.[3] ?? 80) };
}
