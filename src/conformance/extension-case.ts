import type { Fault } from "../faults/fault.ts";
import type { CaseFacts, Json } from "./case.ts";
import type { RequestSelector, SubjectExpectation } from "./subject-case.ts";

/** A case for an extension: what the service does to it, and what must be seen on the wire. */
export interface ExtensionCase extends CaseFacts {
  readonly subject: "extension";
  /** What the subject must say that it can (`--declare`); otherwise the case is not applicable. */
  readonly declares?: ExtensionCapability;
  /** Variables to set for the process, or to take away (null). */
  readonly variables?: Readonly<Record<string, string | null>>;
  readonly moves: readonly ExtensionMove[];
  /** What the service answers in place of what it would; literals of the case. */
  readonly answers?: readonly ScriptedAnswer[];
  /** Changes to the service's own bytes, for what a correct service would not send, or would send in another way. */
  readonly faults?: readonly Fault[];
  readonly expect: readonly ExtensionExpectation[];
}

/** Optional parts of the contract that an extension may have. docs/CONFORMANCE.md says what each of them promises. */
export const extensionCapabilities = ["account-id", "failures", "internal", "multi", "tcp", "telemetry"] as const;
export type ExtensionCapability = (typeof extensionCapabilities)[number];

/** The answer to the `nth` request of its kind; without a number, to each of them. */
export interface ScriptedAnswer {
  readonly to: RequestSelector;
  readonly status: number;
  /** Text is sent as it is, labelled as text; an object as JSON. */
  readonly body: string | { readonly [name: string]: Json };
}

/** What the service does. Moves follow each other: the next one begins when this one is over. */
export type ExtensionMove =
  /**
   * Starts a new process, in place of the one that may be there; over when it waits for an event (or, where it is a
   * runtime, for an invocation), has ended, or ten seconds have passed.
   */
  | { readonly type: "init" }
  /** The same; over when its first request is answered. */
  | { readonly type: "start" }
  /** Nothing, for as long, so that what must not happen has the time to. */
  | { readonly type: "watch"; readonly ms: number }
  /** An INVOKE event; over when the extension waits again, has ended, or five seconds have passed. */
  | InvokeMove
  /** So many INVOKE events, and a look at the processes after a tenth of them and after the last. */
  | { readonly type: "invoke-many"; readonly count: number }
  /** A SHUTDOWN event; over when the process has ended, which it is made to at the deadline. */
  | { readonly type: "shutdown"; readonly reason: string; readonly deadlineInMs: number }
  /** An event as it stands; over when the extension waits again, has ended, or five seconds have passed. */
  | { readonly type: "event"; readonly event: { readonly [name: string]: Json } }
  /** Stops the processes for as long, as Lambda does between invocations. */
  | { readonly type: "freeze"; readonly ms: number }
  | { readonly type: "signal"; readonly signal: "SIGTERM" }
  /** Until the extension's process has ended, or for as long. */
  | { readonly type: "await-exit"; readonly ms: number }
  /** The service ends all connections; it accepts new ones. */
  | { readonly type: "cut" }
  /** From now on nobody listens at the address of the API. */
  | { readonly type: "close-api" }
  /** A batch of telemetry for the subscriber; over when it was taken, refused, or five seconds have passed. */
  | DeliverMove;

export interface InvokeMove {
  readonly type: "invoke";
  readonly requestId: string;
  /** Where the deadline matters; five seconds where it does not. */
  readonly deadlineInMs?: number;
  /** Fields that no version has had so far. */
  readonly more?: { readonly [name: string]: Json };
  readonly without?: readonly string[];
}

export interface DeliverMove {
  readonly type: "deliver";
  readonly batch: TelemetryBatch;
  /** Of a batch that is delivered another time, say; one of its own where it does not matter. */
  readonly sequenceId?: string;
  /** Over TCP: in so many pieces, some milliseconds apart. */
  readonly pieces?: number;
}

/** Telemetry events as they stand, each with a `time` of its own; or many lines of a function that fill so many bytes. */
export type TelemetryBatch =
  | readonly { readonly type: string; readonly record: Json }[]
  | { readonly lines: number; readonly source: "function" | "extension"; readonly bytesEach: number };

/** What must be seen. Each is judged by itself, so that a case says all that is wrong at once. */
export type ExtensionExpectation =
  | SubjectExpectation
  /** Nothing comes before it. */
  | { readonly type: "first-request"; readonly request: RequestSelector }
  /** By the name of the file that the service has started. */
  | { readonly type: "registers-as-file" }
  /** It asks for an event, or has reported a failure; nothing else ends an Init. */
  | { readonly type: "serves-or-reports" }
  /** Every request after registering names the identifier that the service gave out, as it was given. */
  | { readonly type: "identified" }
  /** Nothing but HTTP/1.1, and no path that the service does not have. */
  | { readonly type: "known-requests" }
  /** The request begins so soon after the answer to the other one. */
  | {
      readonly type: "begins-within";
      readonly request: RequestSelector;
      readonly after: RequestSelector;
      readonly withinMs: number;
    }
  /** Whether the process has ended, and how: noted, never a failure. */
  | { readonly type: "observe-end" }
  /** What was printed by the end ends with a line end. */
  | { readonly type: "whole-lines" }
  /** At most so many lines were printed since the last delivery began. */
  | { readonly type: "lines-since-delivery-max"; readonly max: number }
  /** No file has come, gone or changed but under `/tmp`. */
  | { readonly type: "folders-untouched" }
  | TelemetryExpectation
  /** Registering asks for this. */
  | { readonly type: "asks-for-feature"; readonly feature: string };

export type TelemetryExpectation =
  /** What the extension asks of the Telemetry API is what the API takes. */
  | { readonly type: "subscription" }
  /** Somebody listened at the destination when the subscription was sent. */
  | { readonly type: "listens-before-subscribing" }
  | { readonly type: "destination-port-not"; readonly port: number }
  /** Each batch was taken this soon. */
  | { readonly type: "delivered"; readonly withinMs: number };
