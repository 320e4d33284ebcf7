import type { Fault } from "../faults/fault.ts";
import type { CaseFacts, Json, TextCheck } from "./case.ts";

/** A case for a runtime: what the service does to it, and what must be seen on the wire. */
export interface RuntimeCase extends CaseFacts {
  readonly subject: "runtime";
  /** What the fixture's handler has to offer; a fixture that cannot offer it makes the case not applicable. */
  readonly needs: FixtureNeeds;
  /** What the subject must say that it can (`--declare`); otherwise the case is not applicable. */
  readonly declares?: Capability;
  /** How the process is started where that is not as usual. */
  readonly start?: StartChange;
  /** The function's time-out where it matters; 15 seconds where it does not. */
  readonly timeoutMs?: number;
  /** The service refuses something on purpose, and the case looks at what comes after it. */
  readonly goesOnRefused?: true;
  /** It takes seconds by its nature; a short run leaves it out. */
  readonly slow?: true;
  readonly moves: readonly RuntimeMove[];
  /** Changes to the service's own bytes, for what a correct service would not send. */
  readonly faults?: readonly Fault[];
  readonly expect: readonly RuntimeExpectation[];
}

/** Optional parts of the contract that a subject may have. */
export const capabilities = ["streaming"] as const;
export type Capability = (typeof capabilities)[number];

/** Ways in which the fixture's Init can go wrong. */
export type InitVariant =
  | "missing-module"
  | "missing-export"
  | "syntax-error"
  | "malformed"
  | "init-throw"
  | "init-throw-custom";

export interface FixtureNeeds {
  /** Values of `op` in events. */
  readonly operations?: readonly string[];
  /** A handler whose Init goes wrong, in place of the usual one. */
  readonly init?: InitVariant;
  /** The handler that streams, in place of the usual one. */
  readonly handler?: "stream";
}

export interface StartChange {
  /** The working directory. */
  readonly folder?: string;
  /** Variables to set, or to take away (null). */
  readonly variables?: Readonly<Record<string, string | null>>;
}

/**
 * The bytes of an event: text as it is, bytes in hexadecimal, or the object `{"op":…,"pad":"aaa…"}` that is exactly so
 * many bytes long.
 */
export type EventLiteral = string | { readonly hex: string } | { readonly op: string; readonly bytes: number };

export interface EventFacts {
  readonly requestId: string;
  readonly event: EventLiteral;
  readonly invocationId?: string;
  readonly traceId?: string;
}

/** What the service does. Moves follow each other: the next one begins when this one is over. */
export type RuntimeMove =
  /** Starts the runtime; over when it waits in `next`, has ended, or ten seconds have passed. */
  | { readonly type: "init" }
  /** Nothing, for as long, so that what must not happen has the time to. */
  | { readonly type: "watch"; readonly ms: number }
  /** Hands out an event; over when the environment could take another one. */
  | ({ readonly type: "invoke" } & EventFacts)
  /** Hands out an event; over when the runtime has it. */
  | ({ readonly type: "deliver" } & EventFacts)
  /**
   * Hands out one event after another, called `one-of-many-1` and so on, until there were `count` or the time is up, and
   * looks at the processes after a tenth of them and after the last.
   */
  | { readonly type: "invoke-many"; readonly count: number; readonly event: string }
  /** Stops the processes for as long, as Lambda does between invocations. */
  | { readonly type: "freeze"; readonly ms: number }
  | { readonly type: "signal"; readonly signal: "SIGTERM" }
  /** Until the runtime's process has ended, or for as long. */
  | { readonly type: "await-exit"; readonly ms: number }
  /** From now on nobody listens at the address of the API. */
  | { readonly type: "close-api" };

/** Which request is meant: the `nth` from 1 with this method and path. Paths are literals of this room. */
export interface RequestSelector {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly nth?: number;
}

/** A moment from which time is counted: a request's answer, the start, or a move. */
export type Moment = RequestSelector | "start" | "signal" | "close-api";

/** What must be seen. Each is judged by itself, so that a case says all that is wrong at once. */
export type RuntimeExpectation =
  /** At least one request comes to the address that the runtime was given. */
  | { readonly type: "contact" }
  | { readonly type: "request-count"; readonly request: RequestSelector; readonly exactly: number }
  | { readonly type: "request-count-max"; readonly request: RequestSelector; readonly max: number }
  /** Never more than so many in any one second. */
  | { readonly type: "request-rate"; readonly request: RequestSelector; readonly perSecondMax: number }
  /** These begin in this order; others may come in between. */
  | { readonly type: "order"; readonly requests: readonly RequestSelector[] }
  /** The event is answered once, in one of these ways. */
  | { readonly type: "answered"; readonly requestId: string; readonly by: readonly ("response" | "error")[] }
  /** Each event of a long series is answered once, in this way. */
  | { readonly type: "many-answered"; readonly by: "response" | "error" }
  | {
      readonly type: "request-header";
      readonly request: RequestSelector;
      readonly name: string;
      readonly is: TextCheck;
    }
  /** Where the header is sent, its value is JSON in fewer bytes than this; where it is not, nothing can be said. */
  | {
      readonly type: "request-header-json";
      readonly request: RequestSelector;
      readonly name: string;
      readonly bytesMax: number;
    }
  | { readonly type: "request-json"; readonly request: RequestSelector; readonly is: JsonCheck }
  /** The handler's `remainingMs` fits the event's deadline and the moments at which event and answer passed. */
  | { readonly type: "remaining-time"; readonly event: RequestSelector; readonly answer: RequestSelector }
  /** The process ends by itself, in this way and this soon. */
  | {
      readonly type: "exit";
      readonly after: Moment;
      readonly withinMs: number;
      readonly status: "failing" | "any" | number;
    }
  /** The process goes on with this request, or ends by itself with a failure. */
  | { readonly type: "goes-on-or-exits"; readonly request: RequestSelector }
  /** The event is answered, or the process ends by itself with a failure: nothing waits for the time-out. */
  | { readonly type: "settled"; readonly requestId: string }
  /** The process that was started first is the only one. */
  | { readonly type: "same-process" }
  | { readonly type: "connections-max"; readonly max: number }
  /** A `next` begins only when the one before it is answered. */
  | { readonly type: "one-next-at-a-time" }
  /** Files and threads of the processes do not grow with the invocations. */
  | { readonly type: "bounded"; readonly moreMax: number }
  /** Something was printed. */
  | { readonly type: "printed"; readonly pattern: string }
  /** Lines that end with `prefix` and a number were printed whole, in order, for each number from 1. */
  | { readonly type: "printed-lines"; readonly prefix: string; readonly count: number }
  | StreamExpectation
  /** Production leaves it open, or clients differ: noted, never a failure. */
  | { readonly type: "observe"; readonly requestId: string }
  | { readonly type: "observe-init-error" };

export type StreamExpectation =
  /** The first bytes of the body were on their way at least this long before the last. */
  | { readonly type: "body-spread"; readonly request: RequestSelector; readonly msMin: number }
  /** The body as text, without its framing. */
  | { readonly type: "body-text"; readonly request: RequestSelector; readonly is: TextCheck }
  /** JSON, eight zero bytes, and the text. */
  | {
      readonly type: "http-prelude";
      readonly request: RequestSelector;
      readonly json: Readonly<Record<string, Json>>;
      readonly body: string;
    }
  /** The error in the trailers: its type, and its base64 body with these texts. */
  | { readonly type: "error-trailers"; readonly request: RequestSelector; readonly strings: readonly string[] }
  /** Reported to the error path, or by the trailers of a response; never both, and never as a success. */
  | { readonly type: "one-error-report"; readonly requestId: string };

export type JsonCheck =
  | { readonly any: true }
  /** The same value, whatever the spelling. */
  | { readonly equals: Json; readonly orEmpty?: true }
  | { readonly fields: Readonly<Record<string, Json>> }
  /** Each field has one of these values; one that is absent counts as null. */
  | { readonly oneOf: Readonly<Record<string, readonly Json[]>> }
  | { readonly fieldMax: { readonly name: string; readonly max: number } }
  /** The value of that event. */
  | { readonly event: EventLiteral }
  /** A string that is so many bytes long in JSON, with its quotes. */
  | { readonly textBytes: number }
  /** An object with at least one of these fields, which is a list. */
  | { readonly listIn: readonly string[] }
  /** An object with at least these fields, each a string that is not empty. */
  | { readonly strings: readonly string[] };
