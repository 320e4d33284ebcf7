import type { Exchange } from "./api/exchange.ts";
import { invokeApi } from "./api/invoke-api.ts";
import { requestIdOf } from "./api/invoke-request.ts";
import { ApiServer, type Route } from "./api/server.ts";
import { accessDenied, answerServiceError } from "./api/service-error.ts";
import type { LambdaFunction } from "./lambda-function.ts";

/** The Lambda API on a port of the loopback address, for one function. */
export class LambdaService {
  readonly #server: ApiServer;

  constructor(lambda: LambdaFunction) {
    this.#server = new ApiServer(invokeApi(lambda).map(guarded));
  }

  /** Resolves to `host:port`; port 0 takes a free one. Throws `PortTakenError`. */
  listen(port: number): Promise<string> {
    return this.#server.listen("127.0.0.1", port);
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
function guarded(route: Route): Route {
  return {
    ...route,
    handle: (exchange, parameters) => {
      const problem = strangerProblem(exchange);
      if (problem === undefined) return route.handle(exchange, parameters);
      return answerServiceError(exchange, accessDenied(problem), requestIdOf(exchange));
    },
  };
}

function strangerProblem(exchange: Exchange): string | undefined {
  const host = exchange.header("host") ?? "";
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)) {
    return `Only loopback hosts are served here, not "${host}"`;
  }
  const origin = exchange.header("origin");
  if (origin !== undefined) return `Requests from web pages are refused, and this one comes from "${origin}"`;
  return exchange.header("sec-fetch-site") === "cross-site" ? "Requests from other sites are refused" : undefined;
}
