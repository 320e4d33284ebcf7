import { isDeepStrictEqual } from "node:util";
import { unreachable } from "../protocol/unreachable.ts";
import type { JsonCheck, RequestSelector, RuntimeExpectation } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { describeTextCheck, describeValues, quoted, textPasses } from "./text-check.ts";
import { headerValues, jsonOf, targetOf, type WireExchange } from "./wire-message.ts";

/** An expectation that did not hold, with the exchange that shows it. */
export interface RuntimeFinding {
  readonly expected: string;
  readonly saw: string;
  readonly exchange?: WireExchange;
}

/** Undefined where the expectation holds. */
export function judgeRuntime(expectation: RuntimeExpectation, evidence: RuntimeEvidence): RuntimeFinding | undefined {
  switch (expectation.type) {
    case "contact":
      if (evidence.exchanges.length > 0) return undefined;
      return { expected: "a request at the address in AWS_LAMBDA_RUNTIME_API", saw: silence(evidence) };
    case "request-count":
      return judgeCount(expectation, evidence);
    case "order":
      return judgeOrder(expectation.requests, evidence);
    case "request-header":
      return judgeHeader(expectation, evidence);
    case "request-json":
      return judgeJson(expectation, evidence);
    case "exit-failing":
      return judgeExit(expectation, evidence);
    default:
      return unreachable(expectation);
  }
}

function judgeCount(
  { request, exactly }: RuntimeExpectation & { type: "request-count" },
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const found = matching(request, evidence);
  if (found.length === exactly) return undefined;
  const expected = `${exactly === 0 ? "no" : exactly} ${named(request)}`;
  const surplus = found[exactly];
  if (surplus !== undefined) return { expected, saw: `there were ${found.length}`, exchange: surplus };
  return { expected, saw: found.length === 0 ? silence(evidence) : `there were ${found.length}` };
}

function judgeOrder(requests: readonly RequestSelector[], evidence: RuntimeEvidence): RuntimeFinding | undefined {
  let previous: WireExchange | undefined;
  for (const request of requests) {
    const exchange = select(request, evidence);
    if (exchange === undefined) return { expected: named(request), saw: silence(evidence) };
    if (previous !== undefined && exchange.at < previous.at) {
      return { expected: `${named(request)} after the one before it`, saw: "it came earlier", exchange };
    }
    previous = exchange;
  }
  return undefined;
}

function judgeHeader(
  { request, name, is }: RuntimeExpectation & { type: "request-header" },
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const expected = `${named(request)}, whose header ${name} ${describeTextCheck(is)}`;
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected, saw: silence(evidence) };
  const values = headerValues(exchange.request, name);
  return textPasses(values, is) ? undefined : { expected, saw: describeValues(values), exchange };
}

function judgeJson(
  { request, is }: RuntimeExpectation & { type: "request-json" },
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const expected = `${named(request)}, whose body is ${describeJson(is)}`;
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected, saw: silence(evidence) };
  if (exchange.sentAt === undefined) return { expected, saw: "the request was cut short", exchange };
  const { body } = exchange.request;
  const value = jsonOf(exchange.request);
  if (jsonPasses(value, body, is)) return undefined;
  return { expected, saw: shown(value, body, is), exchange };
}

function jsonPasses(value: unknown, body: Buffer, check: JsonCheck): boolean {
  if ("any" in check) return value !== undefined;
  if ("equals" in check) return (check.orEmpty === true && body.length === 0) || isDeepStrictEqual(value, check.equals);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = new Map(Object.entries(value));
  if ("fields" in check)
    return Object.entries(check.fields).every(([name, of]) => isDeepStrictEqual(fields.get(name), of));
  return check.strings.every((name) => typeof fields.get(name) === "string" && fields.get(name) !== "");
}

/** The fields in question, or the body where there are none. */
function shown(value: unknown, body: Buffer, check: JsonCheck): string {
  if (value === undefined) return `no JSON in UTF-8: ${quoted(body.toString("latin1"))}`;
  if (!("fields" in check) || typeof value !== "object" || value === null) return quoted(body.toString());
  const fields = new Map(Object.entries(value));
  return Object.keys(check.fields)
    .map((name) => `${name}: ${quoted(JSON.stringify(fields.get(name)) ?? "absent")}`)
    .join(", ");
}

function judgeExit(
  { after, withinMs }: RuntimeExpectation & { type: "exit-failing" },
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const expected = `the process ends with a status other than 0 within ${withinMs} ms of ${named(after)}`;
  const since = select(after, evidence)?.answer?.at;
  const exit = evidence.exits[0];
  if (since === undefined) return { expected, saw: silence(evidence) };
  if (exit === undefined) return { expected, saw: "it went on running" };
  if ("signal" in exit.how) return { expected, saw: `it was ended by a signal: ${exit.how.signal}` };
  if (exit.how.code === 0) return { expected, saw: "it ended with status 0" };
  const tookMs = Math.round(exit.at - since);
  return tookMs <= withinMs ? undefined : { expected, saw: `it took ${tookMs} ms` };
}

function matching({ method, path }: RequestSelector, { exchanges }: RuntimeEvidence): readonly WireExchange[] {
  return exchanges.filter(({ request }) => {
    const target = targetOf(request);
    return target.method === method && target.path === path;
  });
}

function select(selector: RequestSelector, evidence: RuntimeEvidence): WireExchange | undefined {
  return matching(selector, evidence)[(selector.nth ?? 1) - 1];
}

function named({ method, path, nth = 1 }: RequestSelector): string {
  return `${method} ${path}${nth === 1 ? "" : ` (number ${nth})`}`;
}

/** Why something is missing, as far as the evidence knows. */
function silence({ exits, cutShort, faults, exchanges }: RuntimeEvidence): string {
  if (cutShort !== undefined) return `none, until ${cutShort}`;
  const [fault] = faults;
  if (fault !== undefined) return `none, and connection ${fault.connection} is no HTTP/1.1: ${fault.reason}`;
  const [exit] = exits;
  if (exit === undefined) return exchanges.length === 0 ? "no request at all" : "none";
  if ("code" in exit.how) return `none, and the process ended with status ${exit.how.code}`;
  return `none, and the process was ended by a signal (${exit.how.signal}), as the service does when a limit is over`;
}

function describeJson(check: JsonCheck): string {
  if ("any" in check) return "JSON";
  if ("equals" in check) return `${JSON.stringify(check.equals)}${check.orEmpty ? " or empty" : ""}`;
  if ("fields" in check) return `an object with ${JSON.stringify(check.fields)}`;
  return `an object with the texts ${check.strings.join(", ")}`;
}
