import { isDeepStrictEqual } from "node:util";
import { jsonOf } from "../platform/wire-message.ts";
import { describeEvent, eventBytes } from "./event-literal.ts";
import type { JsonCheck, SubjectExpectation } from "./subject-case.ts";
import type { SubjectEvidence } from "./subject-evidence.ts";
import { named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { quoted } from "./text-check.ts";

export function judgeJson(
  { request, is }: SubjectExpectation & { type: "request-json" },
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  const expected = `${named(request)}, whose body is ${describeJson(is)}`;
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected, saw: silence(evidence) };
  if (exchange.sentAt === undefined) return { expected, saw: "the request was cut short", exchange, late: true };
  const { body } = exchange.request;
  const value = jsonOf(exchange.request);
  if (jsonPasses(value, body, is)) return undefined;
  return { expected, saw: shown(value, body, is), exchange };
}

function jsonPasses(value: unknown, body: Buffer, check: JsonCheck): boolean {
  if ("any" in check) return value !== undefined;
  if ("equals" in check) return (check.orEmpty === true && body.length === 0) || isDeepStrictEqual(value, check.equals);
  if ("event" in check) return isDeepStrictEqual(value, JSON.parse(eventBytes(check.event).toString()));
  if ("textBytes" in check) return typeof value === "string" && Buffer.byteLength(value) === check.textBytes - 2;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = new Map(Object.entries(value));
  if ("fields" in check)
    return Object.entries(check.fields).every(([name, of]) => isDeepStrictEqual(fields.get(name), of));
  if ("oneOf" in check)
    return Object.entries(check.oneOf).every(([name, values]) =>
      values.some((of) => isDeepStrictEqual(fields.get(name) ?? null, of)),
    );
  if ("fieldMax" in check) return Number(fields.get(check.fieldMax.name) ?? Number.NaN) <= check.fieldMax.max;
  if ("listIn" in check) return check.listIn.some((name) => Array.isArray(fields.get(name)));
  if ("listOf" in check) return isListOf(fields.get(check.listOf.name) ?? [], check.listOf.values);
  return check.strings.every((name) => typeof fields.get(name) === "string" && fields.get(name) !== "");
}

function isListOf(list: unknown, values: readonly unknown[]): boolean {
  return Array.isArray(list) && list.every((item) => values.includes(item));
}

/** The fields in question, or the body where there are none. */
function shown(value: unknown, body: Buffer, check: JsonCheck): string {
  if (value === undefined) return `no JSON in UTF-8: ${quoted(body.toString("latin1"))}`;
  const names = "fields" in check ? Object.keys(check.fields) : "oneOf" in check ? Object.keys(check.oneOf) : [];
  if (names.length === 0 || typeof value !== "object" || value === null) {
    return body.length > 1_000 ? `${body.length} bytes: ${quoted(body.toString())}` : quoted(body.toString());
  }
  const fields = new Map(Object.entries(value));
  return names.map((name) => `${name}: ${quoted(JSON.stringify(fields.get(name)) ?? "absent")}`).join(", ");
}

function describeJson(check: JsonCheck): string {
  if ("any" in check) return "JSON";
  if ("equals" in check) return `${JSON.stringify(check.equals)}${check.orEmpty ? " or empty" : ""}`;
  if ("fields" in check) return `an object with ${JSON.stringify(check.fields)}`;
  if ("oneOf" in check) return `an object with one of these for each field: ${JSON.stringify(check.oneOf)}`;
  if ("fieldMax" in check) return `an object with ${check.fieldMax.name} at ${check.fieldMax.max} at most`;
  if ("event" in check) return `the value of the event: ${describeEvent(check.event)}`;
  if ("textBytes" in check) return `a JSON string of ${check.textBytes} bytes`;
  if ("listIn" in check) return `an object with a list in ${check.listIn.join(" or ")}`;
  if ("listOf" in check) return `an object whose ${check.listOf.name} are none but ${check.listOf.values.join(", ")}`;
  return `an object with the texts ${check.strings.join(", ")}`;
}
