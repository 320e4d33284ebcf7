import { headerValues, statusOf, type WireExchange } from "../platform/wire-message.ts";
import type { EmulatorEvidence } from "./emulator-evidence.ts";
import type { EmulatorExpectation } from "./emulator-expectation.ts";
import { type AnswerExpectation, type Mismatch, mismatch, observed } from "./judge-answer.ts";
import { judgeSeenProcess, type ProcessExpectation } from "./judge-seen-process.ts";
import { judgeTelemetryHeard } from "./judge-telemetry-heard.ts";

/** An expectation that did not hold, or something to note. */
export type EmulatorFinding =
  | { readonly type: "failed"; readonly expected: string; readonly saw: string; readonly exchange?: WireExchange }
  | { readonly type: "observed"; readonly text: string };

/** Undefined where the expectation holds. */
export function judgeEmulator(
  expectation: EmulatorExpectation,
  evidence: EmulatorEvidence,
): EmulatorFinding | undefined {
  switch (expectation.type) {
    case "file-found":
      if (evidence.filesFound.get(expectation.of) === true) return undefined;
      return { type: "failed", expected: "a file that the old process left in /tmp", saw: "it is gone" };
    case "processes":
      return failed(judgeProcesses(expectation, evidence));
    case "signals":
    case "ended":
    case "variables":
      return failed(judgeSeenProcess(expectation satisfies ProcessExpectation, evidence));
    case "telemetry-order":
    case "telemetry-only":
    case "telemetry-record":
    case "telemetry-batches":
    case "telemetry-again":
      return failed(judgeTelemetryHeard(expectation, evidence));
    case "distinct":
      return judgeDistinct(expectation, evidence);
    case "either":
      return judgeEither(expectation.expectations, evidence);
    case "unanswered":
      return judgeUnanswered(expectation.of, evidence);
    case "one-event":
      return judgeOneEvent(expectation.of, evidence);
    case "observe": {
      const answer = evidence.exchanges.get(expectation.of)?.answer;
      return answer === undefined ? undefined : { type: "observed", text: observed(expectation, answer) };
    }
    default:
      return judgeAnswer(expectation, evidence);
  }
}

function judgeProcesses(
  { atLeast = 0, atMost = Number.POSITIVE_INFINITY }: EmulatorExpectation & { type: "processes" },
  { processes }: EmulatorEvidence,
): Mismatch | undefined {
  const saw = `${processes} of them`;
  if (processes < atLeast) return { expected: `${atLeast} processes of the runtime, one after another`, saw };
  return processes > atMost ? { expected: `no more than ${atMost} processes of the runtime`, saw } : undefined;
}

function judgeAnswer(expectation: AnswerExpectation, evidence: EmulatorEvidence): EmulatorFinding | undefined {
  const exchange = evidence.exchanges.get(expectation.of);
  const answer = exchange?.answer;
  if (exchange === undefined || answer === undefined) {
    const saw = exchange?.lost ?? "there was none";
    return { type: "failed", expected: `an answer to "${expectation.of}"`, saw, ...(exchange && { exchange }) };
  }
  return failed(mismatch(expectation, exchange, answer, evidence), exchange);
}

function judgeEither(
  expectations: readonly EmulatorExpectation[],
  evidence: EmulatorEvidence,
): EmulatorFinding | undefined {
  const findings = expectations.map((expectation) => judgeEmulator(expectation, evidence));
  const missed = findings.flatMap((finding) => (finding?.type === "failed" ? [finding] : []));
  if (missed.length < findings.length) return undefined;
  const exchange = missed.find((finding) => finding.exchange !== undefined)?.exchange;
  return failed(
    {
      expected: missed.map(({ expected }) => expected).join(", or "),
      saw: missed.map(({ saw }) => saw).join(", and "),
    },
    exchange,
  );
}

function judgeUnanswered(of: string, { exchanges }: EmulatorEvidence): EmulatorFinding | undefined {
  const exchange = exchanges.get(of);
  if (exchange?.answer === undefined) return undefined;
  return failed({ expected: `"${of}" is not answered`, saw: `it got ${statusOf(exchange.answer)}` }, exchange);
}

function judgeDistinct(
  { of, name }: EmulatorExpectation & { type: "distinct" },
  { exchanges }: EmulatorEvidence,
): EmulatorFinding | undefined {
  const values = of.map((one) => {
    const answer = exchanges.get(one)?.answer;
    return answer === undefined ? "" : (headerValues(answer, name)[0] ?? "");
  });
  if (new Set(values).size === of.length && !values.includes("")) return undefined;
  return failed({ expected: `each of "${of.join('", "')}" has a ${name} of its own`, saw: values.join(", ") });
}

function judgeOneEvent(of: readonly string[], { exchanges }: EmulatorEvidence): EmulatorFinding | undefined {
  const events = of.flatMap((name) => {
    const exchange = exchanges.get(name);
    return exchange?.answer !== undefined && statusOf(exchange.answer) === 200 ? [exchange] : [];
  });
  if (events.length === 1) return undefined;
  const saw = events.length === 0 ? "none of them did" : `${events.length} did`;
  return failed({ expected: `one of "${of.join('", "')}" gets the event`, saw }, events[1]);
}

function failed(found: Mismatch | undefined, exchange?: WireExchange): EmulatorFinding | undefined {
  return found === undefined
    ? undefined
    : { type: "failed", ...found, ...(exchange === undefined ? {} : { exchange }) };
}
