/** The vocabulary of cases for emulators: what must have been seen. */
import type { TextCheck } from "./case.ts";
import type { BodyLiteral } from "./emulator-case.ts";

/** `of` names an answer, to the caller or to a puppet. Texts may have the placeholders of `EmulatorMove`. */
export type EmulatorExpectation =
  | { readonly type: "status"; readonly of: string; readonly oneOf: readonly number[] }
  /** Whatever status says so: which one it is has a case of its own. */
  | { readonly type: "accepted"; readonly of: string }
  | { readonly type: "header"; readonly of: string; readonly name: string; readonly is: TextCheck }
  /** The header is there in both, with the same value. */
  | { readonly type: "header-same"; readonly of: string; readonly as: string; readonly name: string }
  /** The header is there in both, with different values. */
  | { readonly type: "header-differs"; readonly of: string; readonly from: string; readonly name: string }
  | { readonly type: "body"; readonly of: string; readonly equals: BodyLiteral }
  | { readonly type: "body-matches"; readonly of: string; readonly pattern: string }
  /** A JSON object with these values, written as text; `null` where the field must not be there. */
  | { readonly type: "json"; readonly of: string; readonly fields: Readonly<Record<string, string | null>> }
  /** One of these refusals, with the error type that its body names. */
  | {
      readonly type: "refusal";
      readonly of: string;
      readonly oneOf: readonly { readonly status: number; readonly errorType: string }[];
    }
  /** The caller is told of a failure, by whatever status, in a payload with an error type that matches. */
  | { readonly type: "failure"; readonly of: string; readonly errorType: string }
  /** The answer came only after the other request had been sent. */
  | { readonly type: "held-until"; readonly of: string; readonly sent: string }
  /** The answer came before the other one. */
  | { readonly type: "answered-before"; readonly of: string; readonly before: string }
  | { readonly type: "unanswered"; readonly of: string }
  /** One of these got an event, the others nothing or a refusal. */
  | { readonly type: "one-event"; readonly of: readonly string[] }
  /** One of these holds. */
  | { readonly type: "either"; readonly expectations: readonly EmulatorExpectation[] }
  /** `Lambda-Runtime-Deadline-Ms` lies ahead, by the function's time-out at most. */
  | { readonly type: "deadline"; readonly of: string }
  /** `deadlineMs` of a SHUTDOWN event lies ahead by so much when the event comes. */
  | { readonly type: "shutdown-deadline"; readonly of: string; readonly msMin: number; readonly msMax: number }
  /** Both went over the same TCP connection. */
  | { readonly type: "same-connection"; readonly of: string; readonly as: string }
  /** The payload of an answer in event-stream messages, each of them sound, one end behind all others. */
  | { readonly type: "event-stream"; readonly of: string; readonly payload: BodyLiteral }
  /** An event stream with a payload of so many bytes at most, and its end. */
  | { readonly type: "event-stream-bytes"; readonly of: string; readonly atLeast: number; readonly atMost: number }
  /** `X-Amz-Log-Result`, decoded. */
  | { readonly type: "log-tail"; readonly of: string; readonly matches: string; readonly bytesMax: number }
  /** These answers have the header, each with another value. */
  | { readonly type: "distinct"; readonly of: readonly string[]; readonly name: string }
  /** Events of these types were heard in this order, whatever else between them. */
  | { readonly type: "telemetry-order"; readonly of: string; readonly events: readonly string[] }
  /** Nothing but events of these types was heard, and something was. */
  | { readonly type: "telemetry-only"; readonly of: string; readonly events: readonly string[] }
  /** The n-th event of a type (from 0) has these values at these dotted paths: patterns, or null where there is none. */
  | {
      readonly type: "telemetry-record";
      readonly of: string;
      readonly event: string;
      readonly index?: number;
      readonly fields: Readonly<Record<string, string | null>>;
    }
  /** Every request is a JSON array of so many events at most, labelled as JSON, with an id of its own. */
  | { readonly type: "telemetry-batches"; readonly of: string; readonly itemsMax: number }
  /** What was refused came again. */
  | { readonly type: "telemetry-again"; readonly of: string }
  | { readonly type: "file-found"; readonly of: string }
  /** So many processes of the runtime were started in the course of the case. */
  | { readonly type: "processes"; readonly atLeast?: number; readonly atMost?: number }
  /** The signals that the first process of the runtime or of this extension noted before it ended. */
  | { readonly type: "signals"; readonly by?: string; readonly are: readonly string[] }
  /** When that process ended: so long after the answer named `after`, or after its own first signal. */
  | {
      readonly type: "ended";
      readonly by?: string;
      readonly after: { readonly answer: string } | "signal";
      readonly msMin: number;
      readonly msMax: number;
    }
  /** Environment variables of that process. */
  | {
      readonly type: "variables";
      readonly by?: string;
      readonly present?: readonly string[];
      readonly absent?: readonly string[];
    }
  /** Production leaves it open, or nobody knows: noted, never a failure. */
  | { readonly type: "observe"; readonly of: string; readonly what: "status" | "error-type" | "body" };
