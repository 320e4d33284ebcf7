import { headerValues, jsonOf, targetOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { judgeJson } from "./judge-json.ts";
import {
  judgeBounded,
  judgeExit,
  judgeGoesOnOrExits,
  judgePrinted,
  judgePrintedLines,
  judgeRate,
  judgeSameProcess,
  judgeSettled,
} from "./judge-process.ts";
import { judgeStream } from "./judge-stream.ts";
import type { RequestSelector, RuntimeExpectation } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { answersTo, matching, named, type RuntimeFinding, select, silence } from "./runtime-finding.ts";
import { describeTextCheck, describeValues, quoted, textPasses } from "./text-check.ts";

type Expectation<Type extends RuntimeExpectation["type"]> = RuntimeExpectation & { type: Type };

/** Nothing where the expectation holds. `timeScale` lengthens what the subject may take. */
export function judgeRuntime(
  expectation: RuntimeExpectation,
  evidence: RuntimeEvidence,
  timeScale = 1,
): readonly RuntimeFinding[] {
  const found =
    expectation.type === "bounded" ? judgeBounded(expectation, evidence) : judge(expectation, evidence, timeScale);
  if (found === undefined) return [];
  return "length" in found ? found : [found];
}

function judge(
  expectation: Exclude<RuntimeExpectation, { type: "bounded" }>,
  evidence: RuntimeEvidence,
  timeScale: number,
): RuntimeFinding | undefined {
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
    case "answered":
      return judgeAnswered(expectation, evidence);
    case "many-answered":
      return judgeMany(expectation, evidence);
    case "request-header":
      return judgeHeader(expectation, evidence);
    case "request-header-json":
      return judgeHeaderJson(expectation, evidence);
    case "request-json":
      return judgeJson(expectation, evidence);
    case "remaining-time":
      return judgeRemaining(expectation, evidence);
    case "exit":
      return judgeExit(expectation, evidence, timeScale);
    case "goes-on-or-exits":
      return judgeGoesOnOrExits(expectation, evidence);
    case "settled":
      return judgeSettled(expectation, evidence);
    case "same-process":
      return judgeSameProcess(evidence);
    case "connections-max":
      return judgeConnections(expectation, evidence);
    case "one-next-at-a-time":
      return judgeOneNext(evidence);
    case "printed":
      return judgePrinted(expectation, evidence);
    case "printed-lines":
      return judgePrintedLines(expectation, evidence);
    case "observe":
      return observeAnswer(expectation.requestId, evidence);
    case "observe-init-error":
      return observeInitError(evidence);
    case "body-spread":
    case "body-text":
    case "http-prelude":
    case "error-trailers":
    case "one-error-report":
      return judgeStream(expectation, evidence);
    default:
      return unreachable(expectation);
  }
}

function judgeCount(
  { request, exactly }: Expectation<"request-count">,
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
  { request, name, is }: Expectation<"request-header">,
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const expected = `${named(request)}, whose header ${name} ${describeTextCheck(is)}`;
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected, saw: silence(evidence) };
  const values = headerValues(exchange.request, name);
  return textPasses(values, is) ? undefined : { expected, saw: describeValues(values), exchange };
}

function judgeCountMax({ request, max }: Expectation<"request-count-max">, evidence: RuntimeEvidence) {
  const found = matching(request, evidence);
  const surplus = found[max];
  if (surplus === undefined) return undefined;
  return { expected: `at most ${max} ${named(request)}`, saw: `there were ${found.length}`, exchange: surplus };
}

function judgeAnswered(
  { requestId, by }: Expectation<"answered">,
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const expected = `one ${by.join(" or ")} for ${requestId}`;
  const answers = answersTo(requestId, evidence);
  const [first, second] = answers;
  if (first === undefined) return { expected, saw: silence(evidence) };
  if (second !== undefined) return { expected, saw: `${answers.length} answers`, exchange: second.exchange };
  if (first.exchange.sentAt === undefined) return { expected, saw: "it was cut short", exchange: first.exchange };
  return by.includes(first.by) ? undefined : { expected, saw: `one ${first.by}`, exchange: first.exchange };
}

function judgeMany({ by }: Expectation<"many-answered">, evidence: RuntimeEvidence): RuntimeFinding | undefined {
  const { asked, done } = evidence.many;
  const ids = Array.from({ length: done }, (_, index) => `one-of-many-${index + 1}`);
  const found = Map.groupBy(evidence.exchanges, ({ request }) => targetOf(request).path);
  const times = (id: string, kind: string) => found.get(`/2018-06-01/runtime/invocation/${id}/${kind}`)?.length ?? 0;
  const other = by === "response" ? "error" : "response";
  const wrong = ids.find((id) => times(id, by) !== 1 || times(id, other) !== 0);
  if (wrong !== undefined || done === 0) {
    const saw = `${times(wrong ?? "", by)} of ${by} and ${times(wrong ?? "", other)} of ${other} for ${wrong}`;
    return { expected: `one ${by} for each of ${asked} events`, saw };
  }
  return done < asked ? { type: "observed", text: `time for ${done} of ${asked} events` } : undefined;
}

/** A request is at no place but its own, so two that lie between the same answers overlap. */
function judgeOneNext(evidence: RuntimeEvidence): RuntimeFinding | undefined {
  const asked = matching({ method: "GET", path: "/2018-06-01/runtime/invocation/next" }, evidence);
  const early = asked.find((exchange, index) => {
    const before = asked[index - 1];
    return before !== undefined && (before.answer === undefined || before.answer.at > exchange.at);
  });
  if (early === undefined) return undefined;
  return { expected: "one next at a time", saw: "another one began while one was waiting", exchange: early };
}

function judgeConnections({ max }: Expectation<"connections-max">, { connections }: RuntimeEvidence) {
  if (connections <= max) return { type: "observed" as const, text: `${connections} connections` };
  return { expected: `at most ${max} connections`, saw: `there were ${connections}` };
}

function judgeHeaderJson(
  { request, name, bytesMax }: Expectation<"request-header-json">,
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const exchange = select(request, evidence);
  if (exchange === undefined) return { expected: named(request), saw: silence(evidence) };
  const values = headerValues(exchange.request, name);
  if (values.length === 0) return { type: "unclear", reason: `it sends no ${name}` };
  const value = values.join(", ");
  const json = jsonOf({ head: "", body: Buffer.from(value, "latin1") });
  if (json !== undefined && value.length < bytesMax) return undefined;
  return { expected: `${name}: JSON in fewer than ${bytesMax} bytes`, saw: quoted(value), exchange };
}

/** Clocks are read in whole milliseconds on both sides, and one of them may step a little. */
const clockSlackMs = 20;

/** The handler ran between the moments at which event and answer passed, so its figure lies between theirs. */
function judgeRemaining(
  { event, answer }: Expectation<"remaining-time">,
  evidence: RuntimeEvidence,
): RuntimeFinding | undefined {
  const given = select(event, evidence)?.answer;
  const answered = select(answer, evidence);
  if (given === undefined || answered === undefined) return { expected: named(answer), saw: silence(evidence) };
  const deadline = Number(headerValues(given, "Lambda-Runtime-Deadline-Ms")[0]) - (Date.now() - performance.now());
  const [most, least] = [Math.ceil(deadline - given.at), Math.floor(deadline - answered.at)];
  const body = jsonOf(answered.request);
  const seen = new Map(Object.entries(typeof body === "object" && body !== null ? body : {})).get("remainingMs");
  const expected = `remainingMs from ${least} to ${most}`;
  if (typeof seen === "number" && seen >= least - clockSlackMs && seen <= most + clockSlackMs) return undefined;
  return { expected, saw: quoted(String(seen)), exchange: answered };
}

function observeAnswer(requestId: string, evidence: RuntimeEvidence): RuntimeFinding | undefined {
  const [first] = answersTo(requestId, evidence);
  if (first === undefined) return undefined;
  const body = quoted(first.exchange.request.body.toString());
  return { type: "observed", text: `${requestId} was answered with ${first.by}: ${body}` };
}

function observeInitError(evidence: RuntimeEvidence): RuntimeFinding | undefined {
  const [exchange] = evidence.exchanges.filter(({ request }) => targetOf(request).path.endsWith("/init/error"));
  if (exchange === undefined) return undefined;
  return { type: "observed", text: `init/error said ${quoted(exchange.request.body.toString())}` };
}
