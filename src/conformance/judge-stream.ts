/** Judges streamed responses. */
import { isDeepStrictEqual } from "node:util";
import { jsonOf, trailerOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import type { StreamExpectation } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { answersTo } from "./runtime-finding.ts";
import { named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { describeTextCheck, quoted, textPasses } from "./text-check.ts";

type Expectation<Type extends StreamExpectation["type"]> = StreamExpectation & { type: Type };

export function judgeStream(expectation: StreamExpectation, evidence: RuntimeEvidence): SubjectFinding | undefined {
  if (expectation.type === "one-error-report") return judgeOneReport(expectation, evidence);
  const exchange = select(expectation.request, evidence);
  if (exchange === undefined) return { expected: named(expectation.request), saw: silence(evidence) };
  if (exchange.sentAt === undefined)
    return { expected: `${named(expectation.request)}, with an end`, saw: "it was cut short", exchange, late: true };
  switch (expectation.type) {
    case "body-spread":
      return judgeSpread(expectation, exchange, exchange.sentAt);
    case "body-bytes": {
      const { length } = exchange.request.body;
      if (length === expectation.count) return undefined;
      const expected = `${named(expectation.request)}, whose body has ${expectation.count} bytes`;
      return { expected, saw: `it has ${length}`, exchange };
    }
    case "held-back":
      return judgeHeldBack(expectation, evidence);
    case "body-text": {
      const text = exchange.request.body.toString();
      if (textPasses([text], expectation.is)) return undefined;
      const expected = `${named(expectation.request)}, whose body ${describeTextCheck(expectation.is)}`;
      return { expected, saw: quoted(text), exchange };
    }
    case "http-prelude":
      return judgePrelude(expectation, exchange);
    case "error-trailers":
      return judgeTrailers(expectation, exchange);
    default:
      return unreachable(expectation);
  }
}

function judgeSpread(
  { request, msMin }: Expectation<"body-spread">,
  exchange: WireExchange,
  sentAt: number,
): SubjectFinding | undefined {
  const spreadMs = Math.round(sentAt - (exchange.bodyAt ?? sentAt));
  if (spreadMs >= msMin) return undefined;
  const expected = `${named(request)}, whose first bytes come at least ${msMin} ms before the last`;
  return { expected, saw: `all came within ${spreadMs} ms`, exchange, late: true };
}

function judgeHeldBack({ prefix, max }: Expectation<"held-back">, evidence: RuntimeEvidence): SubjectFinding {
  const numbers = evidence.printedWhileHeld.map((line) => Number.parseInt(line.split(prefix)[1] ?? "0", 10));
  const most = Math.max(0, ...numbers.filter((number) => !Number.isNaN(number)));
  if (most <= max) return { type: "observed", text: `while nothing was read the handler came to ${most}` };
  return { expected: `a handler that waits at ${max} at most while nothing is read`, saw: `it came to ${most}` };
}

const separator = Buffer.alloc(8);

function judgePrelude({ json, body }: Expectation<"http-prelude">, exchange: WireExchange): SubjectFinding | undefined {
  const expected = `${JSON.stringify(json)}, eight zero bytes, and ${quoted(body)}`;
  const bytes = exchange.request.body;
  const end = bytes.indexOf(separator);
  if (end < 0) return { expected, saw: `no eight zero bytes: ${quoted(bytes.toString())}`, exchange };
  const value = jsonOf({ head: "", body: bytes.subarray(0, end) });
  const fields = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
  const rest = bytes.toString("utf8", end + separator.length);
  const same = Object.entries(json).every(([name, of]) => isDeepStrictEqual(fields.get(name), of)) && rest === body;
  return same ? undefined : { expected, saw: quoted(bytes.toString()), exchange };
}

function judgeTrailers({ strings }: Expectation<"error-trailers">, exchange: WireExchange) {
  const expected = `an error type, and base64 of JSON with ${strings.join(" and ")}, after the last chunk`;
  const type = trailerOf(exchange.request, "Lambda-Runtime-Function-Error-Type");
  const encoded = trailerOf(exchange.request, "Lambda-Runtime-Function-Error-Body") ?? "";
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded);
  const value = jsonOf({ head: "", body: isBase64 ? Buffer.from(encoded, "base64") : Buffer.alloc(0) });
  const fields = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
  if (type !== undefined && type !== "" && strings.every((name) => typeof fields.get(name) === "string"))
    return undefined;
  const seen = exchange.request.trailers?.join(", ") ?? "";
  return { expected, saw: seen === "" ? "no trailers" : quoted(seen), exchange };
}

function judgeOneReport(
  { requestId }: Expectation<"one-error-report">,
  evidence: RuntimeEvidence,
): SubjectFinding | undefined {
  const expected = `an error report for ${requestId}, and no success beside it`;
  const answers = answersTo(requestId, evidence);
  const [first, second] = answers;
  if (first === undefined) return { expected, saw: silence(evidence) };
  if (second !== undefined) return { expected, saw: `${answers.length} answers`, exchange: second.exchange };
  if (first.by === "error") return { type: "observed", text: "reported to the error path" };
  if (trailerOf(first.exchange.request, "Lambda-Runtime-Function-Error-Type") !== undefined)
    return { type: "observed", text: "reported in the trailers of an empty response" };
  return { expected, saw: "a response without an error in its trailers", exchange: first.exchange };
}
