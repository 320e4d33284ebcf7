import { createServer, type Server, type Socket } from "node:net";

/** One request as the raw server read it. */
export interface RawRequest {
  readonly line: string;
  readonly head: string;
  readonly body: Buffer;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  readonly socket: Socket;
}

/** A server that reads requests by itself and writes whatever bytes a test wants. */
export class RawServer {
  readonly requests: RawRequest[] = [];
  readonly sockets: Socket[] = [];
  /** The first connection is there. */
  readonly connected: Promise<Socket>;
  readonly #server: Server;
  readonly #onRequest: (request: RawRequest) => void;

  constructor(onRequest: (request: RawRequest) => void) {
    this.#onRequest = onRequest;
    this.#server = createServer((socket) => this.#serve(socket));
    this.connected = new Promise((resolve) => this.#server.once("connection", resolve));
  }

  async listen(host = "127.0.0.1"): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, host, resolve));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The server does not listen");
    return address.port;
  }

  get authority(): string {
    return `127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    const connection = this.sockets.push(socket);
    let bytes = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let request = firstRequest(bytes); request !== undefined; request = firstRequest(bytes)) {
        bytes = bytes.subarray(request.length);
        const { head, body } = request;
        const received = { line: head.split("\r\n")[0] ?? "", head, body, connection, socket };
        this.requests.push(received);
        this.#onRequest(received);
      }
    });
  }
}

/** A listening server; `await using` closes it. */
export async function rawServer(onRequest: (request: RawRequest) => void, host?: string): Promise<RawServer> {
  const server = new RawServer(onRequest);
  await server.listen(host);
  return server;
}

/** A plain response with a length. */
export function plain(status: number, body: string, headers = ""): string {
  return `HTTP/1.1 ${status} X\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function firstRequest(bytes: Buffer): { head: string; body: Buffer; length: number } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const bodyLength = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  const length = end + 4 + bodyLength;
  return bytes.length < length ? undefined : { head, body: bytes.subarray(end + 4, length), length };
}
