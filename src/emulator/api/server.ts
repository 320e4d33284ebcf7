import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Server as Listener, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { outputRead } from "../output-read.ts";
import { Exchange } from "./exchange.ts";

/** One line of an API's table. `:name` in a path matches one segment and is passed on, decoded. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handle: (exchange: Exchange, parameters: Readonly<Record<string, string>>) => void | Promise<void>;
}

/** Clients may send an X-Ray cause of up to a mebibyte in a header. protocol: `Lambda-Runtime-Function-XRay-Error-Cause` */
const headerBytesMax = 2 * 1024 * 1024;

/** The address is taken, or not for everybody; `code` is `PORT_TAKEN`. */
export class PortTakenError extends Error {
  readonly code = "PORT_TAKEN";
}

type Handle = (exchange: Exchange) => void | Promise<void>;

/** Where servers of this process listen, a listener inside an environment's own network aside. */
const ports = new Set<number>();

/**
 * An HTTP/1.1 listener for a table of routes. Requests on one connection are handled one after another, in order, as
 * Lambda's own server does, so that a `next` sent behind a response never overtakes it.
 */
export class ApiServer {
  readonly #server: Server;
  readonly #routes: readonly { readonly route: Route; readonly wanted: readonly string[] }[];
  readonly #otherwise: Handle;
  readonly #lastOn = new WeakMap<Socket, Promise<void>>();
  #reading = 0;
  #bound: number | undefined;

  /** `otherwise` answers paths that no route matches. */
  constructor(routes: readonly Route[], otherwise: Handle = notFound) {
    this.#routes = routes.map((route) => ({ route, wanted: route.path.split("/") }));
    this.#otherwise = otherwise;
    const options = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 0, maxHeaderSize: headerBytesMax };
    this.#server = createServer({ ...options, noDelay: true }, (request, response) => this.#queue(request, response));
    this.#server.on("clientError", rejectBytes);
  }

  /** Whether a server of this process listens on this port of this machine. */
  static has(port: number): boolean {
    return ports.has(port);
  }

  /** How many requests are there whose bodies have not ended. */
  get reading(): number {
    return this.#reading;
  }

  /** Begins to listen; port 0 takes a free one, and a listener that is there already is taken over. Resolves to `host:port`. */
  async listen(host: string, port: number, listener?: Listener): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => {
        reject(portProblem(cause, port, host));
      });
      if (listener === undefined) this.#server.listen(port, host, resolve);
      else this.#server.listen(listener, resolve);
    });
    // A TCP server that listens has an address with a port; the type also covers pipes.
    const { port: bound } = this.#server.address() as AddressInfo;
    if (listener === undefined) ports.add(bound);
    if (listener === undefined) this.#bound = bound;
    return host.includes(":") ? `[${host}]:${bound}` : `${host}:${bound}`;
  }

  /** Begins to listen on a socket in the file system. */
  async listenAt(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(path, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    if (this.#bound !== undefined) ports.delete(this.#bound);
  }

  #queue(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(request, response);
    const previous = this.#lastOn.get(request.socket);
    // Behind another request a body waits in the connection, where it takes nobody's memory.
    if (previous === undefined && !exchange.streams) void this.#read(exchange);
    const handled: Promise<void> = (previous ?? Promise.resolve())
      .then(() => this.#handle(exchange))
      .then(() => exchange.finished())
      .then(() => this.#lastOn.get(request.socket) === handled && this.#lastOn.delete(request.socket))
      .then(() => undefined);
    this.#lastOn.set(request.socket, handled);
  }

  async #read(exchange: Exchange): Promise<void> {
    this.#reading += 1;
    await exchange.readBody();
    this.#reading -= 1;
  }

  async #handle(exchange: Exchange): Promise<void> {
    const pathname = exchange.target.split("?")[0] ?? "";
    const given = pathname.split("/");
    const matching = this.#routes.filter(({ wanted }) => matches(wanted, given));
    if (matching.length === 0) return this.#otherwise(exchange);
    const found = matching.find(({ route }) => route.method === exchange.request.method);
    if (found === undefined) return exchange.answer(405, {}, "");
    const parameters = parametersOf(found.wanted, given);
    await outputRead();
    if (!exchange.streams) return found.route.handle(exchange, parameters);
    this.#reading += 1;
    await found.route.handle(exchange, parameters);
    this.#reading -= 1;
  }
}

/** What Go's mux answers, and so Lambda. https://pkg.go.dev/net/http#NotFound */
function notFound(exchange: Exchange): void {
  exchange.answer(404, { "Content-Type": "text/plain; charset=utf-8" }, "404 page not found\n");
}

/** Whoever sends bytes that are no HTTP is told so and cut off, whatever else waits on that connection. */
function rejectBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  const statuses: Readonly<Record<string, string>> = {
    HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
    ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  };
  const status = statuses[error.code ?? ""] ?? "400 Bad Request";
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.destroy();
}

function portProblem(cause: NodeJS.ErrnoException, port: number, host: string): Error {
  if (cause.code === "EADDRINUSE") return new PortTakenError(`Port ${port} is taken on ${host}`, { cause });
  if (cause.code === "EACCES")
    return new PortTakenError(`Port ${port} on ${host} is not for ordinary users`, { cause });
  return cause;
}

/** A segment that begins with a colon matches everything, and may be empty. */
function matches(wanted: readonly string[], given: readonly string[]): boolean {
  return wanted.length === given.length && wanted.every((segment, at) => segment[0] === ":" || segment === given[at]);
}

function parametersOf(wanted: readonly string[], given: readonly string[]): Readonly<Record<string, string>> {
  const named = wanted.flatMap((segment, at) =>
    segment[0] === ":" ? [[segment.slice(1), decoded(given[at] ?? "")]] : [],
  );
  return Object.fromEntries(named);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
