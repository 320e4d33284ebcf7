import { headerValues, jsonOf, targetOf, type WireMessage } from "../platform/wire-message.ts";
import { judgeFramed, judgeLostOrReported, judgeNobodyElseConnected } from "./judge-runtime-process.ts";
import { judgeStream } from "./judge-stream.ts";
import { judgeSubject } from "./judge-subject.ts";
import type { RuntimeExpectation } from "./runtime-case.ts";
import type { RuntimeEvidence } from "./runtime-evidence.ts";
import { answersTo } from "./runtime-finding.ts";
import { describeExit, failing, killed } from "./subject-exit.ts";
import { matching, named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { quoted } from "./text-check.ts";

type Expectation<Type extends RuntimeExpectation["type"]> = RuntimeExpectation & { type: Type };

/** Nothing where the expectation holds. `timeScale` lengthens what the subject may take. */
export function judgeRuntime(
  expectation: RuntimeExpectation,
  evidence: RuntimeEvidence,
  timeScale = 1,
): readonly SubjectFinding[] {
  switch (expectation.type) {
    case "answered":
      return list(judgeAnswered(expectation, evidence));
    case "answered-within":
      return list(judgeAnsweredWithin(expectation, evidence, timeScale));
    case "body-within":
      return list(judgeBodyWithin(expectation, evidence, timeScale));
    case "waiting-together":
      return list(judgeWaiting(expectation, evidence));
    case "many-answered":
      return list(judgeMany(expectation, evidence));
    case "remaining-time":
      return list(judgeRemaining(expectation, evidence));
    case "settled":
      return list(judgeSettled(expectation, evidence));
    case "lost-or-reported":
      return list(judgeLostOrReported(expectation, evidence));
    case "nobody-else-connected":
      return list(judgeNobodyElseConnected(evidence));
    case "framed":
      return list(judgeFramed(expectation, evidence));
    case "observe":
      return list(observeAnswer(expectation.requestId, evidence));
    case "observe-init-error":
      return list(observeInitError(evidence));
    case "body-spread":
    case "body-bytes":
    case "held-back":
    case "body-text":
    case "http-prelude":
    case "error-trailers":
    case "one-error-report":
      return list(judgeStream(expectation, evidence));
    default:
      return judgeSubject(expectation, evidence, timeScale);
  }
}

function list(finding: SubjectFinding | undefined): readonly SubjectFinding[] {
  return finding === undefined ? [] : [finding];
}

function judgeAnswered(
  { requestId, by }: Expectation<"answered">,
  evidence: RuntimeEvidence,
): SubjectFinding | undefined {
  const expected = `one ${by.join(" or ")} for ${requestId}`;
  const answers = answersTo(requestId, evidence);
  const [first, second] = answers;
  if (first === undefined) return { expected, saw: silence(evidence) };
  if (second !== undefined) return { expected, saw: `${answers.length} answers`, exchange: second.exchange };
  if (first.exchange.sentAt === undefined)
    return { expected, saw: "it was cut short", exchange: first.exchange, late: true };
  return by.includes(first.by) ? undefined : { expected, saw: `one ${first.by}`, exchange: first.exchange };
}

function judgeAnsweredWithin(
  { requestId, ms }: Expectation<"answered-within">,
  evidence: RuntimeEvidence,
  timeScale: number,
): SubjectFinding | undefined {
  const limitMs = ms * timeScale;
  const expected = `an answer to ${requestId} within ${limitMs} ms`;
  const [answer] = answersTo(requestId, evidence);
  const given = evidence.exchanges.find(({ answer }) => answer !== undefined && isEvent(answer, requestId))?.answer;
  if (answer === undefined || given === undefined) return { expected, saw: silence(evidence) };
  const tookMs = Math.round(answer.exchange.at - given.at);
  return tookMs <= limitMs
    ? undefined
    : { expected, saw: `it took ${tookMs} ms`, exchange: answer.exchange, late: true };
}

function judgeBodyWithin(
  { request, ms }: Expectation<"body-within">,
  evidence: RuntimeEvidence,
  timeScale: number,
): SubjectFinding | undefined {
  const limitMs = ms * timeScale;
  const expected = `${named(request)}, whose body begins within ${limitMs} ms of its head`;
  const exchange = select(request, evidence);
  if (exchange?.bodyAt === undefined) return { expected, saw: silence(evidence) };
  const tookMs = Math.round(exchange.bodyAt - exchange.at);
  return tookMs <= limitMs ? undefined : { expected, saw: `it took ${tookMs} ms`, exchange, late: true };
}

function isEvent(answer: WireMessage, requestId: string): boolean {
  return headerValues(answer, "Lambda-Runtime-Aws-Request-Id")[0] === requestId;
}

function judgeWaiting(
  { request, min, max }: Expectation<"waiting-together">,
  evidence: RuntimeEvidence,
): SubjectFinding | undefined {
  const asked = matching(request, evidence);
  const waitingAt = (moment: number) =>
    asked.filter(({ at, answer }) => at <= moment && (answer === undefined || answer.at > moment)).length;
  const counts = asked.map(({ at }) => waitingAt(at));
  const most = Math.max(0, ...counts);
  if (most >= min && most <= max) return { type: "observed", text: `${most} ${named(request)} at the same time` };
  const surplus = asked[counts.findIndex((count) => count > max)];
  return {
    expected: `${min === max ? min : `${min} to ${max}`} ${named(request)} at the same time`,
    saw: `there were ${most}`,
    ...(surplus === undefined ? {} : { exchange: surplus }),
  };
}

function judgeMany({ by }: Expectation<"many-answered">, evidence: RuntimeEvidence): SubjectFinding | undefined {
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

function judgeSettled({ requestId }: Expectation<"settled">, evidence: RuntimeEvidence): SubjectFinding | undefined {
  const [answer] = answersTo(requestId, evidence);
  if (answer !== undefined) return { type: "observed", text: `it was answered with ${answer.by}` };
  const [exit] = evidence.exits;
  if (exit !== undefined && failing(exit) && !killed(exit))
    return { type: "observed", text: `the process ended with ${describeExit(exit)}` };
  return {
    expected: "an answer, or an end of the process by itself with a failure",
    saw: exit === undefined ? "neither" : describeExit(exit),
  };
}

/** Clocks are read in whole milliseconds on both sides, and one of them may step a little. */
const clockSlackMs = 20;

/** The handler ran between the moments at which event and answer passed, so its figure lies between theirs. */
function judgeRemaining(
  { event, answer }: Expectation<"remaining-time">,
  evidence: RuntimeEvidence,
): SubjectFinding | undefined {
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

function observeAnswer(requestId: string, evidence: RuntimeEvidence): SubjectFinding | undefined {
  const [first] = answersTo(requestId, evidence);
  if (first === undefined) return undefined;
  const body = quoted(first.exchange.request.body.toString());
  return { type: "observed", text: `${requestId} was answered with ${first.by}: ${body}` };
}

function observeInitError(evidence: RuntimeEvidence): SubjectFinding | undefined {
  const [exchange] = evidence.exchanges.filter(({ request }) => targetOf(request).path.endsWith("/init/error"));
  if (exchange === undefined) return undefined;
  return { type: "observed", text: `init/error said ${quoted(exchange.request.body.toString())}` };
}
