import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
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

/** The address is taken; `code` is `PORT_TAKEN`. */
export class PortTakenError extends Error {
  readonly code = "PORT_TAKEN";
}

/**
 * An HTTP/1.1 listener for a table of routes. Requests on one connection are handled one after another, in order, as
 * Lambda's own server does, so that a `next` sent behind a response never overtakes it.
 */
export class ApiServer {
  readonly #server: Server;
  readonly #routes: readonly Route[];
  readonly #lastOn = new WeakMap<Socket, Promise<void>>();

  constructor(routes: readonly Route[]) {
    this.#routes = routes;
    const options = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 0, maxHeaderSize: headerBytesMax };
    this.#server = createServer({ ...options, noDelay: true }, (request, response) => this.#queue(request, response));
    this.#server.on("clientError", (_error, socket) => {
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
  }

  /** Begins to listen; port 0 takes a free one. Resolves to `host:port`. */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => {
        const taken = cause.code === "EADDRINUSE";
        reject(taken ? new PortTakenError(`Port ${port} is taken on ${host}`, { cause }) : cause);
      });
      this.#server.listen(port, host, resolve);
    });
    // A TCP server that listens has an address with a port; the type also covers pipes.
    const { port: bound } = this.#server.address() as AddressInfo;
    return host.includes(":") ? `[${host}]:${bound}` : `${host}:${bound}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #queue(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(request, response);
    const previous = this.#lastOn.get(request.socket) ?? Promise.resolve();
    const handled = previous.then(() => this.#handle(exchange)).then(() => exchange.finished());
    this.#lastOn.set(request.socket, handled);
  }

  async #handle(exchange: Exchange): Promise<void> {
    const pathname = exchange.request.url?.split("?")[0] ?? "/";
    const matching = this.#routes.flatMap((route) => {
      const parameters = match(route.path, pathname);
      return parameters === undefined ? [] : [{ route, parameters }];
    });
    if (matching.length === 0) {
      return exchange.answer(404, { "Content-Type": "text/plain; charset=utf-8" }, "404 page not found\n");
    }
    const found = matching.find(({ route }) => route.method === exchange.request.method);
    if (found === undefined) return exchange.answer(405, {}, "");
    await outputRead();
    await found.route.handle(exchange, found.parameters);
  }
}

/** The parameters of `path` in `pathname`, or undefined where it does not match segment by segment. */
function match(path: string, pathname: string): Readonly<Record<string, string>> | undefined {
  const wanted = path.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":") && value !== "") parameters[segment.slice(1)] = decoded(value);
    else if (segment !== value) return undefined;
  }
  return parameters;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
