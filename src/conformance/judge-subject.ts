/** Judges what runtimes and extensions have in common: their requests, and what their processes did. */

import { headerValues, jsonOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { judgeJson } from "./judge-json.ts";
import {
  judgeBounded,
  judgeExit,
  judgeGoesOnOrExits,
  judgePrinted,
  judgePrintedJson,
  judgePrintedLines,
  judgePrintedOnce,
  judgeRate,
  judgeSameProcess,
} from "./judge-process.ts";
import type { RequestSelector, SubjectExpectation } from "./subject-case.ts";
import type { SubjectEvidence } from "./subject-evidence.ts";
import { matching, named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { describeTextCheck, describeValues, quoted, textPasses } from "./text-check.ts";

type Expectation<Type extends SubjectExpectation["type"]> = SubjectExpectation & { type: Type };

/** Nothing where the expectation holds. `timeScale` lengthens what the subject may take. */
export function judgeSubject(
  expectation: SubjectExpectation,
  evidence: SubjectEvidence,
  timeScale: number,
): readonly SubjectFinding[] {
  if (expectation.type === "bounded") return judgeBounded(expectation, evidence);
  const found = judge(expectation, evidence, timeScale);
  return found === undefined ? [] : [found];
}

function judge(
  expectation: Exclude<SubjectExpectation, { type: "bounded" }>,
  evidence: SubjectEvidence,
  timeScale: number,
): SubjectFinding | undefined {
  switch (expectation.type) {
    case "contact":
      if (evidence.exchanges.length > 0) return undefined;
      return { expected: "a request at the address in AWS_LAMBDA_RUNTIME_API", saw: silence(evidence) };
    case "request-count":
      return judgeCount(expectation, evidence);
    case "request-count-max":
      return judgeCountMax(expectation, evidence);
    case "request-rate":
      return judgeRate(expectation, evidence);
    case "order":
      return judgeOrder(expectation.requests, evidence);
    case "one-at-a-time":
      return judgeOneAtATime(expectation, evidence);
    case "request-header":
      return judgeHeader(expectation, evidence);
    case "request-header-json":
      return judgeHeaderJson(expectation, evidence);
    case "request-json":
      return judgeJson(expectation, evidence);
    case "exit":
      return judgeExit(expectation, evidence, timeScale);
    case "goes-on-or-exits":
      return judgeGoesOnOrExits(expectation, evidence);
    case "same-process":
      return judgeSameProcess(evidence);
    case "connections-max":
      return judgeConnections(expectation, evidence);
    case "printed":
      return judgePrinted(expectation, evidence);
    case "printed-once":
      return judgePrintedOnce(expectation, evidence);
    case "printed-json":
      return judgePrintedJson(expectation, evidence);
    case "printed-lines":
      return judgePrintedLines(expectation, evidence);
    default:
      return unreachable(expectation);
  }
}

function judgeCount(
  { request, exactly }: Expectation<"request-count">,
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  const found = matching(request, evidence);
  if (found.length === exactly) return undefined;
  const expected = `${exactly === 0 ? "no" : exactly} ${named(request)}`;
  const surplus = found[exactly];
  if (surplus !== undefined) return { expected, saw: `there were ${found.length}`, exchange: surplus };
  return { expected, saw: found.length === 0 ? silence(evidence) : `there were ${found.length}` };
}

function judgeCountMax({ request, max }: Expectation<"request-count-max">, evidence: SubjectEvidence) {
  const found = matching(request, evidence);
  const surplus = found[max];
  if (surplus === undefined) return undefined;
  return { expected: `at most ${max} ${named(request)}`, saw: `there were ${found.length}`, exchange: surplus };
}

function judgeOrder(requests: readonly RequestSelector[], evidence: SubjectEvidence): SubjectFinding | undefined {
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

/** A request is at no place but its own, so two that lie between the same answers overlap. */
function judgeOneAtATime(
  { request }: Expectation<"one-at-a-time">,
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  const asked = matching(request, evidence);
  const early = asked.find((exchange, index) => {
    const before = asked[index - 1];
    return before !== undefined && (before.answer === undefined || before.answer.at > exchange.at);
  });
  if (early === undefined) return undefined;
  return {
    expected: `one ${named(request)} at a time`,
    saw: "another one began while one was waiting",
    exchange: early,
  };
}

function judgeHeader(
  { request, name, is, orAbsent }: Expectation<"request-header">,
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  const expected = `${named(request)}, whose header ${name} ${describeTextCheck(is)}${orAbsent ? " or is absent" : ""}`;
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected, saw: silence(evidence) };
  const values = headerValues(exchange.request, name);
  if (orAbsent && values.length === 0) return { type: "observed", text: `${name} is absent` };
  return textPasses(values, is) ? undefined : { expected, saw: describeValues(values), exchange };
}

function judgeHeaderJson(
  { request, name, bytesMax }: Expectation<"request-header-json">,
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected: named(request), saw: silence(evidence) };
  const values = headerValues(exchange.request, name);
  if (values.length === 0) return { type: "unclear", reason: `it sends no ${name}` };
  const value = values.join(", ");
  const json = jsonOf({ head: "", body: Buffer.from(value, "latin1") });
  if (json !== undefined && value.length < bytesMax) return undefined;
  return { expected: `${name}: JSON in fewer than ${bytesMax} bytes`, saw: quoted(value), exchange };
}

function judgeConnections({ max }: Expectation<"connections-max">, { connections }: SubjectEvidence) {
  if (connections <= max) return { type: "observed" as const, text: `${connections} connections` };
  return { expected: `at most ${max} connections`, saw: `there were ${connections}` };
}
