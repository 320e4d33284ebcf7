// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
import { of } from "../mutant.ts";

export const environmentManagedMutants = of("environment/managed.ts", [
  ["an invocation without a slot waits", "slotsOf(environment) === 0", "false"],
  [
    "what is spoiled stays in hand",
    'invocation.at === "answered" || invocation.at === "spoiled"',
    'invocation.at === "answered"',
  ],
  [
    "an event is handed out again",
    '{ at: "delivered", invocationId, startedAt }',
    '{ at: "pending", invocationId, startedAt }',
  ],
  ["a next is answered twice", 'runtime: { at: "serving", nextCalls } };', "runtime };"],
  [
    "idle Managed Instances count as busy",
    'invocations.length === 0 ? "idle" : "invoke"',
    'invocations.length < 0 ? "idle" : "invoke"',
  ],
  [
    "an invocation on Managed Instances has no time-out",
    '    { type: "set-alarm", alarm: `timeout:${requestId}`, at: deadlineOf(environment, at) },\n',
    "",
  ],
  [
    "the time-out of an answered invocation still rings",
    '    { type: "clear-alarm", alarm: `timeout:${requestId}` },\n',
    "",
  ],
  [
    "an invocation on Managed Instances is not reported",
    '    { type: "record", record: { type: "platform.report", ...facts, ...responseSpans(invocation, at) } },\n',
    "",
  ],
  [
    "no answer is ever late",
    'invocation.at === "delivered" ? [...others, requestId]',
    'invocation.at === "spoiled" ? [...others, requestId]',
  ],
  [
    "an answer that was cut off is late as well",
    'invocation.at === "delivered" ? [',
    'invocation.at !== "pending" ? [',
  ],
  ["every late answer is remembered", ".slice(-limits.lateAnswersMax)", ""],
  [
    "an attempt is late twice",
    "environment.late.filter((other) => other !== requestId);\n  const late",
    "environment.late;\n  const late",
  ],
  ["an answer that is cut off is never told", "    ...cutOff,\n", ""],
  ["a time-out on Managed Instances is not reported", "    ...cutOff,\n    report,", "    ...cutOff,"],
  [
    "a late answer stays late",
    "{ ...environment, late: environment.late.filter((other) => other !== requestId) };",
    "environment;",
  ],
]);
