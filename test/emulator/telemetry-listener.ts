import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";

/** An event as it arrived. */
export interface ReadEvent {
  readonly time: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into records of all shapes
  readonly record: any;
}

export interface ReadBatch {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly events: readonly ReadEvent[];
}

type Behaviour = (response: ServerResponse, batch: ReadBatch, number: number) => void;

/** A destination of telemetry over HTTP, which a test may make misbehave. */
export class TelemetryListener implements AsyncDisposable {
  readonly batches: ReadBatch[] = [];
  behave: Behaviour = (response) => response.end();
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const { method = "", url = "", headers } = request;
      const batch = { method, url, headers, body, events: JSON.parse(body) };
      this.batches.push(batch);
      this.behave(response, batch, this.batches.length);
      for (const wake of [...this.#waiting]) wake();
    });
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    // as: a server that listens on TCP
    return (this.#server.address() as AddressInfo).port;
  }

  get uri(): string {
    return `http://sandbox.localdomain:${this.port}/in?x=1`;
  }

  get events(): readonly ReadEvent[] {
    return this.batches.flatMap((batch) => batch.events);
  }

  /** The first event of a type, when it has come. */
  async event(type: string): Promise<ReadEvent> {
    const found = () => this.events.find((event) => event.type === type);
    await this.until(() => found() !== undefined);
    // as: it was just there
    return found() as ReadEvent;
  }

  /** Waits for something that a batch brings. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = () => this.#waiting.delete(wake) && resolve();
        this.#waiting.add(wake);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The same over TCP. */
export class TelemetryLines implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #server: TcpServer;
  readonly #waiting = new Set<() => void>();
  #text = "";

  constructor() {
    this.#server = createTcpServer((socket) => {
      this.sockets.push(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        this.#text += chunk.toString();
        for (const wake of [...this.#waiting]) wake();
      });
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    // as: a server that listens on TCP
    return (this.#server.address() as AddressInfo).port;
  }

  get text(): string {
    return this.#text;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = () => this.#waiting.delete(wake) && resolve();
        this.#waiting.add(wake);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
