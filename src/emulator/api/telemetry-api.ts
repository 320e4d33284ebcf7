/** The Telemetry API and the Logs API before it. DG/telemetry-api-reference.html */
import type { SubscriptionState } from "../../core/telemetry/event.ts";
import { paths } from "../../protocol/paths.ts";
import type { Profile } from "../../protocol/profile.ts";
import type { TelemetryApi } from "../../protocol/telemetry.ts";
import type { Answered } from "../telemetry/reporter.ts";
import type { Exchange } from "./exchange.ts";
import { identifierOf } from "./extensions-api.ts";
import type { Route } from "./server.ts";

type Subscribe = (identifier: string, api: TelemetryApi, body: string) => Answered;

export function telemetryApi({ telemetry }: Profile, subscribe: Subscribe): readonly Route[] {
  const handle = (api: TelemetryApi) => (exchange: Exchange) =>
    telemetry === "not-supported" ? notSupported(exchange, api) : put(exchange, api, subscribe);
  return [
    { method: "PUT", path: paths.telemetry, handle: handle("Telemetry") },
    { method: "PUT", path: paths.logs, handle: handle("Logs") },
  ];
}

/** Whoever it is that asks. RIE handler/runtimelogs_stub.go */
async function notSupported(exchange: Exchange, api: TelemetryApi): Promise<void> {
  await exchange.readBody();
  exchange.answerJson(202, { errorMessage: `${api} API is not supported`, errorType: `${api}.NotSupported` });
}

async function put(exchange: Exchange, api: TelemetryApi, subscribe: Subscribe): Promise<void> {
  const body = await exchange.readBody();
  const identifier = identifierOf(exchange);
  if (typeof identifier !== "string") return exchange.refuse(identifier);
  if (exchange.gone) return;
  const answered = subscribe(identifier, api, body.bytes.toString());
  if ("granted" in answered) return exchange.answer(200, json, words[answered.granted]);
  if (answered.by === "environment") return exchange.refuse(answered.refusal);
  const { status, errorType, errorMessage } = answered.refusal;
  exchange.answer(status, json, JSON.stringify({ errorType, errorMessage }));
}

/** Seen in real answers. */
const words: Readonly<Record<SubscriptionState, string>> = {
  Subscribed: '"OK"',
  "Already subscribed": '"AlreadySubscribed"',
};

/** Lambda's telemetry daemon writes no newline, and the type of an error before its message. Seen in real answers. */
const json = { "Content-Type": "application/json" };
