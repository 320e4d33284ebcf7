import type { Exchange } from "./api/exchange.ts";
import { invokeApi } from "./api/invoke-api.ts";
import { requestIdOf } from "./api/invoke-request.ts";
import { ApiServer, type Route } from "./api/server.ts";
import { accessDenied, answerServiceError, unknownOperation } from "./api/service-error.ts";
import type { Invocable } from "./lambda-function.ts";

const loopbackAddress: string = "127.0.0.1";

/** The Lambda API on a port of the loopback address, for one function. */
export class LambdaService {
  readonly #server: ApiServer;
  #host = loopbackAddress;

  constructor(lambda: Invocable) {
    const guard = (route: Route) => guarded(route, () => this.#host === loopbackAddress);
    this.#server = new ApiServer(invokeApi(lambda).map(guard), otherwise);
  }

  /**
   * Resolves to `host:port`; port 0 takes a free one. Throws `PortTakenError`. Another host than the loopback address
   * is for containers: everybody who reaches it may run the function then, under whatever name.
   */
  listen(port: number, host = loopbackAddress): Promise<string> {
    this.#host = host;
    return this.#server.listen(host, port);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A web page in the developer's browser can send requests here, directly or by a host name that it has pointed at this
 * machine. Command lines and SDKs send neither an Origin nor a foreign Host.
 */
function guarded(route: Route, loopbackOnly: () => boolean): Route {
  return {
    ...route,
    handle: (exchange, parameters) => {
      const problem = strangerProblem(exchange, loopbackOnly());
      if (problem === undefined) return route.handle(exchange, parameters);
      return answerServiceError(exchange, accessDenied(problem), requestIdOf(exchange));
    },
  };
}

function otherwise(exchange: Exchange): void {
  const path = exchange.target.split("?")[0] ?? "";
  answerServiceError(exchange, unknownOperation(exchange.request.method ?? "", path), requestIdOf(exchange));
}

function strangerProblem(exchange: Exchange, loopbackOnly: boolean): string | undefined {
  const stranger = hostsOf(exchange).find((host) => loopbackOnly && !loopback.test(host));
  if (stranger !== undefined) return `Only loopback hosts are served here, not "${stranger}"`;
  const origin = exchange.header("origin");
  if (origin !== undefined) return `Requests from web pages are refused, and this one comes from "${origin}"`;
  return exchange.header("sec-fetch-site") === "cross-site" ? "Requests from other sites are refused" : undefined;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Every host that the request claims to be for: each Host header, none as an empty one, and a URL in the request line. */
function hostsOf({ request }: Exchange): readonly string[] {
  const [, named] = /^https?:\/\/([^/?]*)/i.exec(request.url ?? "") ?? [];
  return [...(request.headersDistinct.host ?? [""]), ...(named === undefined ? [] : [named])];
}
