/** The Extensions API: a table from routes to inputs. DG/runtimes-extensions-api.html */
import { randomUUID } from "node:crypto";
import type { Input } from "../../core/environment/input.ts";
import { headers } from "../../protocol/headers.ts";
import { paths } from "../../protocol/paths.ts";
import { extensionRefusals, invalidRequestFormat, type Refusal } from "../../protocol/refusal.ts";
import { registerRequest } from "../../protocol/schema/register-request.ts";
import type { Calls } from "./calls.ts";
import type { Exchange } from "./exchange.ts";
import type { Route } from "./server.ts";

type Accept = (input: Input) => void;

/** `accountIdAsked` is told which registration asked for the account id. */
export function extensionsApi(calls: Calls, accept: Accept, accountIdAsked: (call: number) => void): readonly Route[] {
  const report = (kind: "init-error" | "exit-error") => (exchange: Exchange) =>
    readError(calls, accept, exchange, kind);
  return [
    {
      method: "POST",
      path: paths.register,
      handle: (exchange) => register(calls, accept, exchange, accountIdAsked),
    },
    { method: "GET", path: paths.extensionNext, handle: (exchange) => next(calls, accept, exchange) },
    { method: "POST", path: paths.extensionInitError, handle: report("init-error") },
    { method: "POST", path: paths.extensionExitError, handle: report("exit-error") },
  ];
}

async function register(
  calls: Calls,
  accept: Accept,
  exchange: Exchange,
  accountIdAsked: (call: number) => void,
): Promise<void> {
  const body = await exchange.readBody();
  if (exchange.gone) return;
  const name = exchange.header(headers.extensionName) ?? "";
  if (name === "") return exchange.refuse(extensionRefusals.emptyName);
  const events = eventsOf(body.bytes.toString());
  if ("status" in events) return exchange.refuse(events);
  const call = calls.open(exchange);
  const features = (exchange.header(headers.extensionAcceptFeature) ?? "").split(",");
  if (features.some((feature) => feature.trim() === "accountId")) accountIdAsked(call);
  accept({ type: "extension-register", call, name, identifier: randomUUID(), events });
}

function eventsOf(body: string): readonly string[] | Refusal {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    // Lambda's text is that of Go's parser; the two agree on an empty body, the commonest mistake.
    const text = body.trim() === "" ? "unexpected end of JSON input" : String(error);
    return invalidRequestFormat(text);
  }
  const parsed = registerRequest.safeParse(json);
  if (!parsed.success) return invalidRequestFormat(parsed.error.issues[0]?.message ?? "invalid request");
  const { events, configurationKeys } = parsed.data;
  return (configurationKeys?.length ?? 0) > 0 ? extensionRefusals.deprecatedKeys : (events ?? []);
}

function next(calls: Calls, accept: Accept, exchange: Exchange): void {
  const identifier = identifierOf(exchange);
  if (typeof identifier !== "string") return exchange.refuse(identifier);
  if (!exchange.gone) accept({ type: "extension-next", call: calls.hold(exchange), identifier });
}

async function readError(
  calls: Calls,
  accept: Accept,
  exchange: Exchange,
  report: "init-error" | "exit-error",
): Promise<void> {
  await exchange.readBody();
  const identifier = identifierOf(exchange);
  if (typeof identifier !== "string") return exchange.refuse(identifier);
  const errorType = exchange.header(headers.extensionFunctionErrorType);
  if (errorType === undefined) return exchange.refuse(extensionRefusals.missingErrorType);
  accept({ type: "extension-error", call: calls.open(exchange), identifier, report, errorType });
}

/** Who calls, by the header that every call but the first one carries. */
export function identifierOf(exchange: Exchange): string | Refusal {
  const identifier = exchange.header(headers.extensionIdentifier) ?? "";
  if (identifier === "") return extensionRefusals.missingIdentifier;
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return uuid.test(identifier) ? identifier.toLowerCase() : extensionRefusals.invalidIdentifier;
}
