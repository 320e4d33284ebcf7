import { headerValues, jsonOf, targetOf, type WireExchange } from "../platform/wire-message.ts";
import type { ExtensionExpectation } from "./extension-case.ts";
import type { ExtensionEvidence } from "./extension-evidence.ts";
import { judgeSubject } from "./judge-subject.ts";
import { judgeTelemetry } from "./judge-telemetry.ts";
import { describeExit } from "./subject-exit.ts";
import { matching, named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { fieldsOf } from "./telemetry-destination.ts";
import { describeValues, quoted } from "./text-check.ts";

type Expectation<Type extends ExtensionExpectation["type"]> = ExtensionExpectation & { type: Type };

/** Nothing where the expectation holds. `timeScale` lengthens what the subject may take. */
export function judgeExtension(
  expectation: ExtensionExpectation,
  evidence: ExtensionEvidence,
  timeScale: number,
): readonly SubjectFinding[] {
  const found = judge(expectation, evidence, timeScale);
  if (found === undefined) return [];
  return "length" in found ? found : [found];
}

function judge(
  expectation: ExtensionExpectation,
  evidence: ExtensionEvidence,
  timeScale: number,
): SubjectFinding | readonly SubjectFinding[] | undefined {
  switch (expectation.type) {
    case "first-request":
      return judgeFirst(expectation, evidence);
    case "registers-as-file":
      return judgeName(evidence);
    case "serves-or-reports":
      return judgeServes(evidence);
    case "identified":
      return judgeIdentified(evidence);
    case "known-requests":
      return judgeKnown(evidence);
    case "begins-within":
      return judgeBegins(expectation, evidence, timeScale);
    case "whole-lines":
      return judgeLines(evidence);
    case "lines-since-delivery-max":
      return judgeQuiet(expectation, evidence);
    case "folders-untouched":
      return judgeFolders(evidence);
    case "asks-for-feature":
      return judgeFeature(expectation, evidence);
    case "observe-end":
      return observeEnd(evidence);
    case "subscription":
    case "listens-before-subscribing":
    case "destination-port-not":
    case "delivered":
      return judgeTelemetry(expectation, evidence, timeScale);
    default:
      return judgeSubject(expectation, evidence, timeScale);
  }
}

const register = { method: "POST", path: "/2020-01-01/extension/register" } as const;

function judgeFirst(
  { request }: Expectation<"first-request">,
  evidence: ExtensionEvidence,
): SubjectFinding | undefined {
  const [first] = evidence.exchanges;
  if (first !== undefined && first === select(request, evidence)) return undefined;
  const expected = `${named(request)} before anything else`;
  if (first === undefined) return { expected, saw: silence(evidence) };
  const { method, path } = targetOf(first.request);
  return { expected, saw: quoted(`${method} ${path}`), exchange: first };
}

function judgeName(evidence: ExtensionEvidence): SubjectFinding | undefined {
  const expected = `${named(register)}, whose header Lambda-Extension-Name is ${quoted(evidence.fileName)}`;
  const exchange = select(register, evidence);
  if (exchange === undefined) return { expected, saw: silence(evidence) };
  const values = headerValues(exchange.request, "Lambda-Extension-Name");
  if (values.length === 1 && values[0] === evidence.fileName) return undefined;
  return { expected, saw: `${describeValues(values)} ("--file-name" says what the file is called)`, exchange };
}

function judgeServes(evidence: ExtensionEvidence): SubjectFinding | undefined {
  const asks = select({ method: "GET", path: "/2020-01-01/extension/event/next" }, evidence);
  if (asks !== undefined) return { type: "observed", text: "it goes on without telemetry" };
  const reports = select({ method: "POST", path: "/2020-01-01/extension/init/error" }, evidence);
  if (reports !== undefined) return { type: "observed", text: "it reports the refusal to init/error" };
  return { expected: "a request for the next event, or a report to init/error", saw: silence(evidence) };
}

/** A process is known by what it was given last: another one has registered before it, if at all. */
function judgeIdentified(evidence: ExtensionEvidence): SubjectFinding | undefined {
  const registrations = matching(register, evidence);
  const later = evidence.exchanges.filter(
    (exchange) => !registrations.includes(exchange) && identifiedPaths.test(targetOf(exchange.request).path),
  );
  if (later.length === 0) return { expected: "a request after registering", saw: silence(evidence) };
  for (const exchange of later) {
    const before = registrations.findLast(({ answer }) => answer !== undefined && answer.at <= exchange.at)?.answer;
    const [given] = before === undefined ? [] : headerValues(before, "Lambda-Extension-Identifier");
    const values = headerValues(exchange.request, "Lambda-Extension-Identifier");
    if (given !== undefined && values.length === 1 && values[0] === given) continue;
    const { method, path } = targetOf(exchange.request);
    const expected = `${method} ${path}, whose header Lambda-Extension-Identifier is ${quoted(given ?? "given out before")}`;
    return { expected, saw: describeValues(values), exchange };
  }
  return undefined;
}

const identifiedPaths =
  /^\/(2020-01-01\/extension\/(event\/next|init\/error|exit\/error)|2022-07-01\/telemetry|2020-08-15\/logs)$/;

/** What the service has, whether or not this extension needs it. */
const knownPaths =
  /^\/(2020-01-01\/extension\/(register|event\/next|init\/error|exit\/error)|2022-07-01\/telemetry|2020-08-15\/logs|2018-06-01\/(ping|runtime\/.*))$/;

function judgeKnown(evidence: ExtensionEvidence): SubjectFinding | undefined {
  const [fault] = evidence.faults.filter(({ from }) => from === "client");
  if (fault !== undefined) {
    return { expected: "HTTP/1.1", saw: `connection ${fault.connection}: ${fault.reason}` };
  }
  const stranger = evidence.exchanges.find(({ request }) => !knownPaths.test(targetOf(request).path));
  if (stranger === undefined) return undefined;
  const { method, path } = targetOf(stranger.request);
  return { expected: "requests to paths that the service has", saw: quoted(`${method} ${path}`), exchange: stranger };
}

function judgeBegins(
  { request, after, withinMs }: Expectation<"begins-within">,
  evidence: ExtensionEvidence,
  timeScale: number,
): SubjectFinding | undefined {
  const limitMs = withinMs * timeScale;
  const expected = `${named(request)} within ${limitMs} ms of the answer to ${named(after)}`;
  const since = select(after, evidence)?.answer?.at;
  const exchange = select(request, evidence);
  if (since === undefined || exchange === undefined) return { expected, saw: silence(evidence) };
  const tookMs = Math.round(exchange.at - since);
  const late = tookMs > limitMs + 2 * evidence.floorMs;
  return late ? { expected, saw: `it took ${tookMs} ms`, exchange, late } : undefined;
}

function judgeLines({ written }: ExtensionEvidence): SubjectFinding | undefined {
  if (written === "") return { type: "unclear", reason: "it prints nothing" };
  if (written.endsWith("\n")) return undefined;
  return { expected: "what is printed ends with a line end", saw: quoted(written.slice(-60)) };
}

function judgeQuiet(
  { max }: Expectation<"lines-since-delivery-max">,
  evidence: ExtensionEvidence,
): SubjectFinding | undefined {
  const subscription = select({ method: "PUT", path: "/2022-07-01/telemetry" }, evidence);
  const types = subscription === undefined ? undefined : fieldsOf(jsonOf(subscription.request)).types;
  if (Array.isArray(types) && !types.includes("extension"))
    return { type: "unclear", reason: "it does not subscribe to what extensions print" };
  const { deliveries, printed } = evidence;
  const before = deliveries.at(-1)?.printedBefore;
  if (before === undefined) return { expected: "a delivery of telemetry", saw: "none" };
  const more = printed - before;
  return more <= max ? undefined : { expected: `at most ${max} lines in answer to a batch`, saw: `${more} lines` };
}

function judgeFolders({ touched }: ExtensionEvidence): SubjectFinding | undefined {
  const [first] = touched;
  if (first === undefined) return undefined;
  return { expected: "no file touched outside /tmp", saw: `${touched.length}, such as ${quoted(first)}` };
}

function judgeFeature({ feature }: Expectation<"asks-for-feature">, evidence: ExtensionEvidence) {
  const exchange: WireExchange | undefined = select(register, evidence);
  const values = exchange === undefined ? [] : headerValues(exchange.request, "Lambda-Extension-Accept-Feature");
  if (values.some((value) => value.split(/\s*,\s*/).includes(feature))) return undefined;
  return {
    expected: `${named(register)}, whose header Lambda-Extension-Accept-Feature names ${feature}`,
    saw: exchange === undefined ? silence(evidence) : describeValues(values),
    ...(exchange === undefined ? {} : { exchange }),
  };
}

function observeEnd({ exits }: ExtensionEvidence): SubjectFinding {
  const [exit] = exits;
  return {
    type: "observed",
    text: exit === undefined ? "it goes on, and waits" : `it ended with ${describeExit(exit)}`,
  };
}
