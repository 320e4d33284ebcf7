import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { performance } from "node:perf_hooks";

/** Something that happened on a tapped connection. Connections are counted from 1; `at` is monotonic milliseconds. */
export type Tapped =
  | { readonly type: "opened"; readonly connection: number; readonly at: number }
  | {
      readonly type: "bytes";
      readonly connection: number;
      readonly at: number;
      readonly from: "client" | "server";
      readonly bytes: Buffer;
    }
  | { readonly type: "ended"; readonly connection: number; readonly at: number; readonly from: "client" | "server" };

export interface TapOptions {
  /** `host:port` of the server behind the tap; asked for each connection. */
  readonly target: () => string;
  readonly heard: (piece: Tapped) => void;
  /** Makes a filter for what the server sends on one connection; without it nothing is changed. */
  readonly edit?: () => (bytes: Buffer) => Buffer;
}

/** A listener that passes every byte on and tells who sent what, when, on which connection. */
export class SocketTap {
  readonly #options: TapOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(options: TapOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#join(client));
  }

  /** Listens on a free port of the loopback address. */
  static async open(options: TapOptions): Promise<SocketTap> {
    const tap = new SocketTap(options);
    await new Promise<void>((resolve, reject) => {
      tap.#server.once("error", reject);
      tap.#server.listen(0, "127.0.0.1", resolve);
    });
    return tap;
  }

  /** `host:port` for clients. */
  get address(): string {
    // A TCP server that listens has an address with a port; the type also covers pipes.
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(client: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    this.#options.heard({ type: "opened", connection, at: performance.now() });
    const [host = "", port = ""] = this.#options.target().split(/:(?=\d+$)/);
    const server = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    this.#pass(client, server, "client", connection, (bytes) => bytes);
    this.#pass(server, client, "server", connection, this.#options.edit?.() ?? ((bytes) => bytes));
  }

  #pass(
    source: Socket,
    sink: Socket,
    from: "client" | "server",
    connection: number,
    edit: (bytes: Buffer) => Buffer,
  ): void {
    this.#sockets.add(source);
    source.on("data", (chunk: Buffer) => {
      const bytes = edit(chunk);
      if (bytes.length === 0) return;
      this.#options.heard({ type: "bytes", connection, at: performance.now(), from, bytes });
      if (sink.write(bytes)) return;
      source.pause();
      sink.once("drain", () => source.resume());
    });
    source.on("end", () => {
      this.#options.heard({ type: "ended", connection, at: performance.now(), from });
      sink.end();
    });
    // A reset on one side is a reset for the other: whoever is left must not wait for bytes that cannot come.
    source.on("error", () => sink.destroy());
    source.on("close", () => {
      this.#sockets.delete(source);
      if (!source.readableEnded) sink.destroy();
    });
  }
}
