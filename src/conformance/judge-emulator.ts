import { headerValues, jsonOf, statusOf, type WireExchange, type WireMessage } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { bytesOf, describeBody } from "./body-literal.ts";
import type { EmulatorExpectation } from "./emulator-case.ts";
import type { EmulatorEvidence } from "./emulator-evidence.ts";
import { describeTextCheck, describeValues, quoted, textPasses } from "./text-check.ts";

/** An expectation that did not hold, or something to note. */
export type EmulatorFinding =
  | { readonly type: "failed"; readonly expected: string; readonly saw: string; readonly exchange?: WireExchange }
  | { readonly type: "observed"; readonly text: string };

/** The longest time-out that a function can have. */
const timeoutMsMax = 900_000;

/** Undefined where the expectation holds. */
export function judgeEmulator(
  expectation: EmulatorExpectation,
  evidence: EmulatorEvidence,
): EmulatorFinding | undefined {
  if (expectation.type === "file-found") {
    if (evidence.filesFound.get(expectation.of) === true) return undefined;
    return { type: "failed", expected: "a file that the old process left in /tmp", saw: "it is gone" };
  }
  if (expectation.type === "processes") {
    if (evidence.processes >= expectation.atLeast) return undefined;
    return { type: "failed", expected: "a new process of the runtime", saw: "the old one went on" };
  }
  return judgeAnswer(expectation, evidence);
}

type AnswerExpectation = Exclude<EmulatorExpectation, { type: "file-found" | "processes" }>;

function judgeAnswer(expectation: AnswerExpectation, evidence: EmulatorEvidence): EmulatorFinding | undefined {
  const exchange = evidence.exchanges.get(expectation.of);
  const answer = exchange?.answer;
  if (exchange === undefined || answer === undefined) {
    if (expectation.type === "observe") return undefined;
    const saw = exchange?.lost ?? "there was none";
    return { type: "failed", expected: `an answer to "${expectation.of}"`, saw, ...(exchange && { exchange }) };
  }
  if (expectation.type === "observe") return { type: "observed", text: observed(expectation, answer) };
  const found = mismatch(expectation, exchange, answer, evidence);
  return found === undefined ? undefined : { type: "failed", ...found, exchange };
}

function mismatch(
  expectation: Exclude<AnswerExpectation, { type: "observe" }>,
  exchange: WireExchange,
  answer: WireMessage & { readonly at: number },
  evidence: EmulatorEvidence,
): { readonly expected: string; readonly saw: string } | undefined {
  const { of } = expectation;
  switch (expectation.type) {
    case "status":
      return expectation.oneOf.includes(statusOf(answer))
        ? undefined
        : { expected: `"${of}" is answered with ${expectation.oneOf.join(" or ")}`, saw: String(statusOf(answer)) };
    case "header": {
      const values = headerValues(answer, expectation.name);
      const expected = `the answer to "${of}" has ${expectation.name}, which ${describeTextCheck(expectation.is)}`;
      return textPasses(values, expectation.is) ? undefined : { expected, saw: describeValues(values) };
    }
    case "body": {
      const expected = `the answer to "${of}" has the body ${describeBody(expectation.equals)}`;
      return bytesOf(expectation.equals).equals(answer.body) ? undefined : { expected, saw: shown(answer) };
    }
    case "body-matches": {
      const expected = `the body of the answer to "${of}" matches /${expectation.pattern}/`;
      return new RegExp(expectation.pattern).test(answer.body.toString())
        ? undefined
        : { expected, saw: shown(answer) };
    }
    case "json": {
      const expected = `the answer to "${of}" is JSON with ${JSON.stringify(expectation.fields)}`;
      const passes = Object.entries(expectation.fields).every(([name, value]) => field(answer, name) === value);
      return passes ? undefined : { expected, saw: shown(answer) };
    }
    case "refusal": {
      const passes = expectation.oneOf.some(
        ({ status, errorType }) => status === statusOf(answer) && errorType === field(answer, "errorType"),
      );
      const named = expectation.oneOf.map(({ status, errorType }) => `${status} ${errorType}`).join(" or ");
      return passes
        ? undefined
        : { expected: `"${of}" is refused with ${named}`, saw: statusOf(answer) + shown(answer, " ") };
    }
    case "held-until": {
      const sent = evidence.exchanges.get(expectation.sent);
      if (sent !== undefined && answer.at >= sent.at) return undefined;
      return { expected: `"${of}" is held until "${expectation.sent}" is sent`, saw: "it was answered before" };
    }
    case "deadline":
      return deadlineMismatch(of, answer, exchange, evidence);
    case "same-connection": {
      const other = evidence.exchanges.get(expectation.as);
      if (other?.connection === exchange.connection) return undefined;
      return { expected: `"${of}" goes over the connection of "${expectation.as}"`, saw: "that one was closed" };
    }
    default:
      return unreachable(expectation);
  }
}

/** Dates and durations come from two clocks of one machine; what lies between them is the exchange itself. */
function deadlineMismatch(
  of: string,
  answer: WireMessage & { readonly at: number },
  { at }: WireExchange,
  { timeoutMs = timeoutMsMax }: EmulatorEvidence,
) {
  const text = headerValues(answer, "Lambda-Runtime-Deadline-Ms").join(", ");
  const epochNow = Date.now() - (performance.now() - answer.at);
  const leftMs = Math.round(Number(text) - epochNow);
  const slackMs = 100 + (answer.at - at);
  const expected = `the answer to "${of}" has Lambda-Runtime-Deadline-Ms within ${timeoutMs} ms from now, in epoch milliseconds`;
  if (!/^\d+$/.test(text)) return { expected, saw: quoted(text) };
  return leftMs > 0 && leftMs <= timeoutMs + slackMs ? undefined : { expected, saw: `${text}, ${leftMs} ms from now` };
}

function observed({ of, what }: EmulatorExpectation & { type: "observe" }, answer: WireMessage): string {
  switch (what) {
    case "status":
      return `"${of}" was answered with ${statusOf(answer)}`;
    case "error-type":
      return `"${of}" was refused as ${quoted(String(field(answer, "errorType") ?? ""))}`;
    case "body":
      return `"${of}" was answered with the body ${shown(answer)}`;
    default:
      return unreachable(what);
  }
}

function field(answer: WireMessage, name: string): unknown {
  const value = jsonOf(answer);
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function shown({ body }: WireMessage, before = ""): string {
  return `${before}${quoted(body.subarray(0, 200).toString())}${body.length > 200 ? ` (${body.length} bytes)` : ""}`;
}
