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
  /** `host:port` of the server behind the tap, or the path of its socket; asked for each connection. */
  readonly target: () => string;
  readonly heard: (piece: Tapped) => void;
  /** In place of a free one. */
  readonly port?: number;
  /** Taken over in place of a free port. */
  readonly listener?: Server | undefined;
  /** Makes an editor for one connection; without it nothing is changed. */
  readonly edit?: (outlet: TapOutlet) => TapEditor;
}

/** Hears both sides of a connection. What the server sends reaches the client only through the outlet. */
export interface TapEditor {
  fromClient(bytes: Buffer): void;
  fromServer(bytes: Buffer): void;
}

/** The way to the client of one connection. */
export interface TapOutlet {
  send(bytes: Buffer): void;
  /** What is sent after this waits until the promise is kept. */
  hold(until: Promise<unknown>): void;
  /** Ends the connection; whatever the client sends after that goes nowhere. */
  end(): void;
  /** As `end`, but the client's system is told that the connection is lost. */
  reset(): void;
}

/** A listener that passes every byte on and tells who sent what, when, on which connection. */
export class SocketTap {
  readonly #options: TapOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  #connections = 0;
  #reading = true;

  private constructor(options: TapOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#join(client));
  }

  /** Listens on a free port of the loopback address, unless told where. */
  static async open(options: TapOptions): Promise<SocketTap> {
    const tap = new SocketTap(options);
    await new Promise<void>((resolve, reject) => {
      tap.#server.once("error", reject);
      if (options.listener === undefined) tap.#server.listen(options.port ?? 0, "127.0.0.1", resolve);
      else tap.#server.listen(options.listener, resolve);
    });
    return tap;
  }

  /** `host:port` for clients. */
  get address(): string {
    // A TCP server that listens has an address with a port; the type also covers pipes.
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Takes nothing more from clients, who notice when their buffers are full; or goes on. */
  read(reading: boolean): void {
    this.#reading = reading;
    for (const client of this.#clients)
      if (reading) client.resume();
      else client.pause();
  }

  /** Ends every connection; new ones are accepted. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every connection, and accepts no other. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(client: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    this.#options.heard({ type: "opened", connection, at: performance.now() });
    const target = this.#options.target();
    const [host = "", port = ""] = target.split(/:(?=\d+$)/);
    const place = target.startsWith("/") ? { path: target } : { host, port: Number(port) };
    const server = connect({ ...place, allowHalfOpen: true, noDelay: true });
    const outlet = new Outlet(client, server, (bytes) => this.#tell(connection, "server", bytes));
    const editor = this.#options.edit?.(outlet);
    this.#pass(client, server, "client", connection, (bytes) => {
      if (outlet.ended) return true;
      editor?.fromClient(bytes);
      this.#tell(connection, "client", bytes);
      return server.write(bytes);
    });
    this.#pass(
      server,
      client,
      "server",
      connection,
      (bytes) => {
        if (editor === undefined) outlet.send(bytes);
        else editor.fromServer(bytes);
        return !client.writableNeedDrain;
      },
      outlet,
    );
  }

  #tell(connection: number, from: "client" | "server", bytes: Buffer): void {
    this.#options.heard({ type: "bytes", connection, at: performance.now(), from, bytes });
  }

  /** `take` is given each piece, and says whether there is room for another one. */
  #pass(
    source: Socket,
    sink: Socket,
    from: "client" | "server",
    connection: number,
    take: (bytes: Buffer) => boolean,
    outlet?: Outlet,
  ): void {
    this.#sockets.add(source);
    if (from === "client") this.#clients.add(source);
    source.on("data", (chunk: Buffer) => {
      if (take(chunk)) return;
      source.pause();
      sink.once("drain", () => (from === "server" || this.#reading) && source.resume());
    });
    if (from === "client" && !this.#reading) source.pause();
    source.on("end", () => {
      this.#options.heard({ type: "ended", connection, at: performance.now(), from });
      if (outlet === undefined) sink.end();
      else outlet.finish();
    });
    // A reset on one side is a reset for the other: whoever is left must not wait for bytes that cannot come.
    source.on("error", () => sink.destroy());
    source.on("close", () => {
      this.#sockets.delete(source);
      this.#clients.delete(source);
      if (!source.readableEnded && !outlet?.ended) sink.destroy();
    });
  }
}

/** Writes to the client in order, at once where nothing holds it. */
class Outlet implements TapOutlet {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #wrote: (bytes: Buffer) => void;
  /** Settles when everything before is out; undefined when nothing waits. */
  #before: Promise<void> | undefined;
  ended = false;

  constructor(client: Socket, server: Socket, wrote: (bytes: Buffer) => void) {
    this.#client = client;
    this.#server = server;
    this.#wrote = wrote;
  }

  send(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#then(() => {
      if (this.#client.destroyed || this.ended) return;
      this.#wrote(bytes);
      this.#client.write(bytes);
    });
  }

  hold(until: Promise<unknown>): void {
    const before = this.#before ?? Promise.resolve();
    this.#after(before.then(() => until));
  }

  /** The server has sent all that it will. */
  finish(): void {
    this.#then(() => void this.#client.end());
  }

  end(): void {
    this.#then(() => {
      this.ended = true;
      this.#client.end();
      this.#server.destroy();
    });
  }

  reset(): void {
    this.#then(() => {
      this.ended = true;
      // What was written before has to be on its way: a reset throws away what still waits.
      this.#client.write("", () => this.#client.resetAndDestroy());
      this.#server.destroy();
    });
  }

  #then(work: () => void): void {
    if (this.#before === undefined) work();
    else this.#after(this.#before.then(work));
  }

  #after(work: Promise<unknown>): void {
    const before = work.then(() => {
      if (this.#before === before) this.#before = undefined;
    });
    this.#before = before;
  }
}
