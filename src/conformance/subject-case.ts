/** What cases for runtimes and cases for extensions both speak of: requests of the subject, and what must be seen. */
import type { Json, TextCheck } from "./case.ts";

/** Which request is meant: the `nth` from 1 with this method and path. Paths are literals of this room. */
export interface RequestSelector {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly nth?: number;
}

/** A moment from which time is counted: a request's answer, the start, or a move. */
export type Moment = RequestSelector | "start" | "signal" | "close-api" | "cut";

export interface StartChange {
  /** The working directory. */
  readonly folder?: string;
  /** Variables to set, or to take away (null). */
  readonly variables?: Readonly<Record<string, string | null>>;
  /** Variables that name a folder of the function's own. */
  readonly taskFolders?: Readonly<Record<string, string>>;
  /** A pipe is open there when the program starts, and this variable says so. */
  readonly descriptor?: { readonly number: 3; readonly variable: string };
}

/** What must be seen of any subject. Each is judged by itself, so that a case says all that is wrong at once. */
export type SubjectExpectation =
  /** At least one request comes to the address that the subject was given. */
  | { readonly type: "contact" }
  | { readonly type: "request-count"; readonly request: RequestSelector; readonly exactly: number }
  | { readonly type: "request-count-max"; readonly request: RequestSelector; readonly max: number }
  /** Never more than so many in any one second. */
  | { readonly type: "request-rate"; readonly request: RequestSelector; readonly perSecondMax: number }
  /** These begin in this order; others may come in between. */
  | { readonly type: "order"; readonly requests: readonly RequestSelector[] }
  /** A request of this kind begins only when the one before it is answered. */
  | { readonly type: "one-at-a-time"; readonly request: RequestSelector }
  | {
      readonly type: "request-header";
      readonly request: RequestSelector;
      readonly name: string;
      readonly is: TextCheck;
      /** Where it is not sent there is nothing to be said against it. */
      readonly orAbsent?: true;
    }
  /** Where the header is sent, its value is JSON in fewer bytes than this; where it is not, nothing can be said. */
  | {
      readonly type: "request-header-json";
      readonly request: RequestSelector;
      readonly name: string;
      readonly bytesMax: number;
    }
  | { readonly type: "request-json"; readonly request: RequestSelector; readonly is: JsonCheck }
  | ProcessExpectation;

export type ProcessExpectation =
  /**
   * The process ends in this way and this soon. `failing`: by itself, with a status other than 0; `own`: by itself, with
   * any status; `any`: also by the signal that the case has sent.
   */
  | {
      readonly type: "exit";
      readonly after: Moment;
      readonly withinMs: number;
      readonly status: "failing" | "own" | "any" | number;
    }
  /** The process goes on with this request, or ends by itself with a failure. */
  | { readonly type: "goes-on-or-exits"; readonly request: RequestSelector }
  /** The process that was started first is the only one. */
  | { readonly type: "same-process" }
  | { readonly type: "connections-max"; readonly max: number }
  /** Files and threads of the processes do not grow with the invocations. */
  | { readonly type: "bounded"; readonly moreMax: number }
  /** Something was printed. */
  | { readonly type: "printed"; readonly pattern: string }
  /** Exactly one line has all of these texts. */
  | { readonly type: "printed-once"; readonly texts: readonly string[] }
  /** A line is a JSON object with `message` as its message, and with these fields, each under one of its names. */
  | {
      readonly type: "printed-json";
      readonly message: string;
      readonly fields: readonly { readonly names: readonly string[]; readonly matches: string }[];
      /** Where the line is not printed there is nothing to be said against it. */
      readonly orAbsent?: true;
    }
  /** Lines that end with `prefix` and a number were printed whole, in order, for each number from 1. */
  | { readonly type: "printed-lines"; readonly prefix: string; readonly count: number };

/**
 * The bytes of an event: text as it is, bytes in hexadecimal, or the object `{"op":…,"pad":"aaa…"}` that is exactly so
 * many bytes long.
 */
export type EventLiteral = string | { readonly hex: string } | { readonly op: string; readonly bytes: number };

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
  /** An object whose field is a list of some of these values; one that is absent or null counts as an empty list. */
  | { readonly listOf: { readonly name: string; readonly values: readonly Json[] } }
  /** An object with at least these fields, each a string that is not empty. */
  | { readonly strings: readonly string[] };
