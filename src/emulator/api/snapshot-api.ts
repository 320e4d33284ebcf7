/** What SnapStart adds to the Runtime API; elsewhere these paths are unknown. RIE rapi/router.go and rapi/server.go */
import type { Input } from "../../core/environment/input.ts";
import { headers } from "../../protocol/headers.ts";
import { paths } from "../../protocol/paths.ts";
import type { Credentials } from "../credentials.ts";
import type { Calls } from "./calls.ts";
import type { Exchange } from "./exchange.ts";
import type { Route } from "./server.ts";

type Accept = (input: Input) => void;

export function snapshotApi(calls: Calls, accept: Accept, credentials: Credentials): readonly Route[] {
  return [
    { method: "GET", path: paths.restoreNext, handle: (exchange) => restoreNext(calls, accept, exchange) },
    { method: "POST", path: paths.restoreError, handle: (exchange) => restoreError(calls, accept, exchange) },
    { method: "GET", path: paths.credentials, handle: (exchange) => giveCredentials(exchange, credentials) },
  ];
}

function restoreNext(calls: Calls, accept: Accept, exchange: Exchange): void {
  if (!exchange.gone) accept({ type: "runtime-restore-next", call: calls.hold(exchange) });
}

/** Its body is not kept: callers are told by the service that a hook failed, and the log says why. */
async function restoreError(calls: Calls, accept: Accept, exchange: Exchange): Promise<void> {
  await exchange.readBody();
  const errorType = exchange.header(headers.functionErrorType);
  accept({
    type: "runtime-restore-error",
    call: calls.open(exchange),
    ...(errorType === undefined ? {} : { errorType }),
  });
}

/** Labelled as Go labels it. RIE rapi/handler/credentials.go */
function giveCredentials(exchange: Exchange, credentials: Credentials): void {
  const text = { "Content-Type": "text/plain; charset=utf-8" };
  if (exchange.header("authorization") === credentials.token) return exchange.answer(200, text, credentials.json());
  exchange.answer(404, text, "cannot get credentials for the provided token\n");
}
