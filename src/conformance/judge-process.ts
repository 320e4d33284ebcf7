/** Judges what the subject's processes did: ends, lines, connections, growth. */
import { jsonOf } from "../platform/wire-message.ts";
import type { Moment, SubjectExpectation } from "./subject-case.ts";
import type { SubjectEvidence } from "./subject-evidence.ts";
import { describeExit, failing, killed } from "./subject-exit.ts";
import { matching, named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { quoted } from "./text-check.ts";

type Expectation<Type extends SubjectExpectation["type"]> = SubjectExpectation & { type: Type };

/** `timeScale` lengthens what the subject may take. */
export function judgeExit(
  { after, withinMs, status }: Expectation<"exit">,
  evidence: SubjectEvidence,
  timeScale: number,
): SubjectFinding | undefined {
  const limitMs = withinMs * timeScale;
  const expected = `the process ends ${howItEnds(status)} within ${limitMs} ms of ${describeMoment(after)}`;
  const since = momentOf(after, evidence);
  if (since === undefined) return { expected, saw: silence(evidence) };
  const exit = evidence.exits.find(({ at }) => at >= since);
  if (exit === undefined) return { expected, saw: "it went on running" };
  // Whoever sent the signal may be the case itself.
  if (killed(exit) && status !== "any") return { expected, saw: "the service had to kill it" };
  if (status === "failing" && !failing(exit)) return { expected, saw: "it ended with status 0" };
  if (typeof status === "number" && !("code" in exit.how && exit.how.code === status))
    return { expected, saw: `it ended with ${describeExit(exit)}` };
  const tookMs = Math.round(exit.at - since);
  return tookMs <= limitMs + 2 * evidence.floorMs ? undefined : { expected, saw: `it took ${tookMs} ms` };
}

export function judgeGoesOnOrExits(
  { request }: Expectation<"goes-on-or-exits">,
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  if (select(request, evidence) !== undefined) return { type: "observed", text: "it went on" };
  const [exit] = evidence.exits;
  if (exit !== undefined && failing(exit) && !killed(exit))
    return { type: "observed", text: `it ended with ${describeExit(exit)}` };
  const expected = `${named(request)}, or an end with a status other than 0`;
  return { expected, saw: exit === undefined ? "neither" : describeExit(exit) };
}

export function judgeSameProcess(evidence: SubjectEvidence): SubjectFinding | undefined {
  const [exit] = evidence.exits;
  if (evidence.starts === 1 && exit === undefined) return undefined;
  const saw = exit === undefined ? `${evidence.starts} were started` : `it ended with ${describeExit(exit)}`;
  return { expected: "one process that serves all events", saw };
}

export function judgeBounded(
  { moreMax }: Expectation<"bounded">,
  { samples }: SubjectEvidence,
): readonly SubjectFinding[] {
  const [early, late] = samples;
  if (early === undefined) return [{ type: "unclear", reason: "the processes cannot be looked at on this machine" }];
  if (late === undefined) return [{ type: "unclear", reason: "there was no time for enough events" }];
  const memory = `memory: ${inMb(early.memoryBytes)} MB early, ${inMb(late.memoryBytes)} MB late`;
  const grown = (["files", "threads"] as const).filter((what) => late[what] - early[what] > moreMax);
  return [
    ...grown.map((what) => ({
      expected: `at most ${moreMax} more open ${what} after the last event than after the first fifth of them`,
      saw: `${early[what]}, then ${late[what]}`,
    })),
    { type: "observed", text: memory },
  ];
}

export function judgePrinted({ pattern }: Expectation<"printed">, { written }: SubjectEvidence) {
  if (new RegExp(pattern).test(written)) return undefined;
  const saw = written === "" ? "nothing was printed" : quoted(written.slice(-100));
  return { expected: `printed text that matches /${pattern}/`, saw };
}

export function judgePrintedLines(
  { prefix, count }: Expectation<"printed-lines">,
  { output }: SubjectEvidence,
): SubjectFinding | undefined {
  let next = 1;
  for (const line of output) if (line.trimEnd().endsWith(`${prefix}${next}`)) next += 1;
  if (next > count) return undefined;
  return { expected: `${count} lines that end with "${prefix}1" and so on, in order`, saw: `no line ${next}` };
}

export function judgePrintedOnce({ texts }: Expectation<"printed-once">, { output }: SubjectEvidence) {
  const lines = output.filter((line) => texts.every((text) => line.includes(text)));
  if (lines.length === 1) return undefined;
  return { expected: `one line with ${texts.map(quoted).join(" and ")}`, saw: `there were ${lines.length}` };
}

export function judgePrintedJson(
  { message, fields, orAbsent }: Expectation<"printed-json">,
  { output }: SubjectEvidence,
): SubjectFinding | undefined {
  const described = fields.map(({ names, matches }) => `${names.join(" or ")}: /${matches}/`).join(", ");
  const expected = `a line of JSON with the message "${message}" and ${described}`;
  const lines = output.filter((line) => line.includes(message));
  if (orAbsent && lines.length === 0) return { type: "observed", text: "the line was not printed" };
  const passes = lines.some((line) => {
    const value = jsonOf({ head: "", body: Buffer.from(line) });
    if (typeof value !== "object" || value === null) return false;
    const known = new Map(Object.entries(value));
    const has = (name: string, pattern: string) => new RegExp(pattern).test(String(known.get(name) ?? ""));
    return (
      known.get("message") === message && fields.every(({ names, matches }) => names.some((name) => has(name, matches)))
    );
  });
  return passes ? undefined : { expected, saw: lines.length === 0 ? "no such line" : quoted(lines.join("\n")) };
}

export function judgeRate(
  { request, perSecondMax }: Expectation<"request-rate">,
  evidence: SubjectEvidence,
): SubjectFinding | undefined {
  const found = matching(request, evidence);
  const expected = `at most ${perSecondMax} times in a second: ${named(request)}`;
  const together = perSecondMax + 1;
  const times = found.map(({ at }) => at);
  if (shortestSpan(times, together) < 1_000) return { expected, saw: `${found.length} in all` };
  // A busy machine spreads out what was meant to come at once.
  const own = found.map((exchange) => exchange.at - (evidence.waitedMs?.get(exchange) ?? Number.NaN));
  const spanMs = shortestSpan(own.filter(Number.isFinite), together);
  if (spanMs >= 1_000) return undefined;
  const without = `${Math.max(0, Math.round(spanMs))} ms without what they waited for a processor`;
  return { expected, saw: `${found.length} in all, and ${together} of them in ${without}` };
}

/** The least time in which so many of these moments, which are in order, lie; Infinity where there are not so many. */
function shortestSpan(times: readonly number[], count: number): number {
  const spans = times.slice(count - 1).map((last, index) => last - (times[index] ?? last));
  return Math.min(Number.POSITIVE_INFINITY, ...spans);
}

function momentOf(moment: Moment, evidence: SubjectEvidence): number | undefined {
  if (moment === "start") return evidence.startedAt;
  return typeof moment === "string" ? evidence.moments[moment] : select(moment, evidence)?.answer?.at;
}

function howItEnds(status: Expectation<"exit">["status"]): string {
  if (status === "failing") return "with a status other than 0";
  if (status === "own") return "by itself";
  return status === "any" ? "with any status" : `with status ${status}`;
}

function describeMoment(moment: Moment): string {
  if (moment === "start") return "its start";
  if (moment === "signal") return "the signal";
  if (moment === "cut") return "the end of its connections";
  return moment === "close-api" ? "the end of the API" : named(moment);
}

function inMb(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
