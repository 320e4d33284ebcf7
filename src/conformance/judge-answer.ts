import { headerValues, jsonOf, statusOf, type WireExchange, type WireMessage } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { bytesOf, describeBody } from "./body-literal.ts";
import type { EmulatorEvidence } from "./emulator-evidence.ts";
import type { EmulatorExpectation } from "./emulator-expectation.ts";
import { eventStreamMismatch } from "./judge-event-stream.ts";
import { fillPlaceholders } from "./placeholders.ts";
import { describeTextCheck, describeValues, quoted, textPasses } from "./text-check.ts";

/** Expectations of one answer that is there. */
export type AnswerExpectation = Exclude<
  EmulatorExpectation,
  {
    type:
      | "distinct"
      | `telemetry-${string}`
      | "file-found"
      | "processes"
      | "signals"
      | "ended"
      | "variables"
      | "either"
      | "unanswered"
      | "one-event"
      | "observe";
  }
>;

export interface Mismatch {
  readonly expected: string;
  readonly saw: string;
}

type Answer = WireMessage & { readonly at: number };

/** The longest time-out that a function can have. */
const timeoutMsMax = 900_000;

export function mismatch(
  expectation: AnswerExpectation,
  exchange: WireExchange,
  answer: Answer,
  evidence: EmulatorEvidence,
): Mismatch | undefined {
  const { of } = expectation;
  switch (expectation.type) {
    case "held-until":
    case "answered-before":
    case "deadline":
    case "shutdown-deadline":
      return timeMismatch(expectation, exchange, answer, evidence);
    case "status":
      return expectation.oneOf.includes(statusOf(answer))
        ? undefined
        : { expected: `"${of}" is answered with ${expectation.oneOf.join(" or ")}`, saw: String(statusOf(answer)) };
    case "accepted": {
      const status = statusOf(answer);
      return status >= 200 && status < 300
        ? undefined
        : { expected: `"${of}" is accepted`, saw: status + shown(answer, " ") };
    }
    case "header": {
      const values = headerValues(answer, expectation.name);
      const expected = `the answer to "${of}" has ${expectation.name}, which ${describeTextCheck(expectation.is)}`;
      return textPasses(values, expectation.is) ? undefined : { expected, saw: describeValues(values) };
    }
    case "header-same":
      return compared(expectation, expectation.as, answer, evidence);
    case "header-differs":
      return compared(expectation, expectation.from, answer, evidence);
    case "refusal": {
      const passes = expectation.oneOf.some(
        ({ status, errorType }) => status === statusOf(answer) && errorType === field(answer, "errorType"),
      );
      const named = expectation.oneOf.map(({ status, errorType }) => `${status} ${errorType}`).join(" or ");
      return passes
        ? undefined
        : { expected: `"${of}" is refused with ${named}`, saw: statusOf(answer) + shown(answer, " ") };
    }
    case "same-connection": {
      const other = evidence.exchanges.get(expectation.as);
      if (other?.connection === exchange.connection) return undefined;
      return { expected: `"${of}" goes over the connection of "${expectation.as}"`, saw: "that one was closed" };
    }
    case "event-stream":
    case "event-stream-bytes":
      return eventStreamMismatch(expectation, answer);
    default:
      return contentMismatch(expectation, answer, evidence);
  }
}

function compared(
  { type, of, name }: AnswerExpectation & { type: "header-same" | "header-differs" },
  other: string,
  answer: Answer,
  { exchanges }: EmulatorEvidence,
): Mismatch | undefined {
  const otherAnswer = exchanges.get(other)?.answer;
  const theirs = otherAnswer === undefined ? [] : headerValues(otherAnswer, name);
  const values = headerValues(answer, name);
  const same = type === "header-same";
  const expected = `the answer to "${of}" has ${same ? "the same" : "another"} ${name} ${same ? "as" : "than"} that to "${other}"`;
  const passes = values.length > 0 && theirs.length > 0 && (values.join() === theirs.join()) === same;
  return passes ? undefined : { expected, saw: `${describeValues(values)}; there ${describeValues(theirs)}` };
}

function contentMismatch(
  expectation: AnswerExpectation & { type: "body" | "body-matches" | "json" | "failure" | "log-tail" },
  answer: Answer,
  evidence: EmulatorEvidence,
): Mismatch | undefined {
  const { of } = expectation;
  switch (expectation.type) {
    case "body": {
      const expected = `the answer to "${of}" has the body ${describeBody(expectation.equals)}`;
      return bytesOf(expectation.equals).equals(answer.body) ? undefined : { expected, saw: shown(answer) };
    }
    case "body-matches": {
      const expected = `the body of the answer to "${of}" matches /${expectation.pattern}/`;
      const matches = new RegExp(filled(expectation.pattern, evidence)).test(answer.body.toString());
      return matches ? undefined : { expected, saw: shown(answer) };
    }
    case "json": {
      const fields = Object.entries(expectation.fields);
      const expected = `the answer to "${of}" is JSON with ${JSON.stringify(expectation.fields)}`;
      const passes = fields.every(([name, value]) => {
        const found = field(answer, name);
        return value === null ? found === undefined : found !== undefined && String(found) === filled(value, evidence);
      });
      return passes && objectOf(answer) !== undefined ? undefined : { expected, saw: shown(answer) };
    }
    case "failure": {
      const errorType = field(answer, "errorType");
      const expected = `"${of}" is told of a failure whose type matches /${expectation.errorType}/`;
      const passes = typeof errorType === "string" && new RegExp(expectation.errorType).test(errorType);
      return passes ? undefined : { expected, saw: statusOf(answer) + shown(answer, " ") };
    }
    case "log-tail":
      return tailMismatch(expectation, answer, evidence);
    default:
      return unreachable(expectation);
  }
}

function timeMismatch(
  expectation: AnswerExpectation & { type: "held-until" | "answered-before" | "deadline" | "shutdown-deadline" },
  exchange: WireExchange,
  answer: Answer,
  evidence: EmulatorEvidence,
): Mismatch | undefined {
  const { of } = expectation;
  switch (expectation.type) {
    case "held-until": {
      const sentAt = evidence.sentAt.get(expectation.sent);
      if (sentAt !== undefined && answer.at >= sentAt) return undefined;
      return { expected: `"${of}" is held until "${expectation.sent}" is sent`, saw: "it was answered before" };
    }
    case "answered-before": {
      const other = evidence.exchanges.get(expectation.before);
      if (other?.answer === undefined || answer.at <= other.answer.at) return undefined;
      return { expected: `"${of}" is answered before "${expectation.before}"`, saw: "it was answered after it" };
    }
    case "deadline":
      return deadlineMismatch(of, answer, exchange, evidence);
    case "shutdown-deadline": {
      const { msMin, msMax } = expectation;
      const leftMs = Math.round(Number(field(answer, "deadlineMs")) - epochOf(answer.at));
      const expected = `"deadlineMs" of the answer to "${of}" lies ${msMin} to ${msMax} ms ahead`;
      return leftMs >= msMin && leftMs <= msMax ? undefined : { expected, saw: `${leftMs} ms` };
    }
    default:
      return unreachable(expectation);
  }
}

/** Dates and durations come from two clocks of one machine; what lies between them is the exchange itself. */
function deadlineMismatch(
  of: string,
  answer: Answer,
  { at }: WireExchange,
  { timeoutMs = timeoutMsMax }: EmulatorEvidence,
): Mismatch | undefined {
  const text = headerValues(answer, "Lambda-Runtime-Deadline-Ms").join(", ");
  const leftMs = Math.round(Number(text) - epochOf(answer.at));
  const slackMs = 100 + (answer.at - at);
  const expected = `the answer to "${of}" has Lambda-Runtime-Deadline-Ms within ${timeoutMs} ms from now, in epoch milliseconds`;
  if (!/^\d+$/.test(text)) return { expected, saw: quoted(text) };
  return leftMs > 0 && leftMs <= timeoutMs + slackMs ? undefined : { expected, saw: `${text}, ${leftMs} ms from now` };
}

function epochOf(at: number): number {
  return Date.now() - (performance.now() - at);
}

function tailMismatch(
  { of, matches, bytesMax }: AnswerExpectation & { type: "log-tail" },
  answer: Answer,
  evidence: EmulatorEvidence,
): Mismatch | undefined {
  const encoded = headerValues(answer, "X-Amz-Log-Result").join();
  const tail = Buffer.from(encoded, "base64");
  const expected = `the answer to "${of}" has an X-Amz-Log-Result of ${bytesMax} bytes at most that matches /${matches}/`;
  if (encoded === "") return { expected, saw: "it has none" };
  const passes = tail.length <= bytesMax && new RegExp(filled(matches, evidence)).test(tail.toString());
  return passes
    ? undefined
    : { expected, saw: `${tail.length} bytes that end with ${quoted(tail.toString().slice(-140))}` };
}

export function observed({ of, what }: EmulatorExpectation & { type: "observe" }, answer: WireMessage): string {
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

function filled(text: string, { exchanges }: EmulatorEvidence): string {
  return fillPlaceholders(text, { requestId: "", exchanges });
}

function objectOf(answer: WireMessage): object | undefined {
  const value = jsonOf(answer);
  return typeof value === "object" && value !== null ? value : undefined;
}

function field(answer: WireMessage, name: string): unknown {
  return new Map(Object.entries(objectOf(answer) ?? {})).get(name);
}

function shown({ body }: WireMessage, before = ""): string {
  return `${before}${quoted(body.subarray(0, 200).toString())}${body.length > 200 ? ` (${body.length} bytes)` : ""}`;
}
