import { createServer, type Server, type Socket } from "node:net";

/** The server's end of one connection: reads what a test asks for and nothing more, so that it can also be slow. */
export class Peer {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("readable", () => this.#wake?.());
    socket.on("close", () => this.#wake?.());
  }

  /** Text up to and with `marker`. */
  async until(marker: string): Promise<string> {
    for (;;) {
      const at = this.#bytes.indexOf(marker);
      if (at >= 0) return this.#take(at + marker.length).toString("latin1");
      await this.#more();
    }
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) await this.#more();
    return this.#take(count);
  }

  /** The head of a request, and its body when that has a length. */
  async request(): Promise<{ readonly line: string; readonly head: string; readonly body: Buffer }> {
    const head = await this.until("\r\n\r\n");
    const body = await this.bytes(Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0));
    return { line: head.split("\r\n")[0] ?? "", head, body };
  }

  /** One chunk of a chunked body; after the last, the lines of the trailer. */
  async chunk(): Promise<Buffer | readonly string[]> {
    const size = Number.parseInt(await this.until("\r\n"), 16);
    if (size > 0) {
      const bytes = await this.bytes(size);
      await this.until("\r\n");
      return bytes;
    }
    const lines: string[] = [];
    for (let line = await this.until("\r\n"); line !== "\r\n"; line = await this.until("\r\n")) lines.push(line.trim());
    return lines;
  }

  /** The rest of a chunked body. */
  async body(): Promise<{ readonly bytes: number; readonly text: string; readonly trailers: readonly string[] }> {
    let bytes = 0;
    let text = "";
    for (;;) {
      const chunk = await this.chunk();
      if (!Buffer.isBuffer(chunk)) return { bytes, text, trailers: chunk };
      bytes += chunk.length;
      if (text.length < 100_000) text += chunk.toString("latin1");
    }
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Closes the hard way: the other side gets a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    for (;;) {
      const read: Buffer | null = this.socket.read();
      if (read !== null) {
        this.#bytes = Buffer.concat([this.#bytes, read]);
        return;
      }
      if (this.socket.readableEnded || this.socket.destroyed)
        throw new Error(`The client closed after ${JSON.stringify(this.#bytes.toString("latin1").slice(0, 300))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A listener whose connections a test handles one by one. */
export class PeerServer {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  readonly #arrived: Peer[] = [];
  #wake: (() => void) | undefined;

  constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.push(socket);
      this.#arrived.push(new Peer(socket));
      this.#wake?.();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The server does not listen");
    return `127.0.0.1:${address.port}`;
  }

  /** How many connections there have been. */
  get connections(): number {
    return this.#sockets.length;
  }

  /** The next connection. */
  async peer(): Promise<Peer> {
    for (;;) {
      const peer = this.#arrived.shift();
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
