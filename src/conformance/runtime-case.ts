import type { CaseFacts, Json, TextCheck } from "./case.ts";

/** A case for a runtime: what the service does to it, and what must be seen on the wire. */
export interface RuntimeCase extends CaseFacts {
  readonly subject: "runtime";
  /** What the fixture's handler has to offer; a fixture that cannot offer it makes the case not applicable. */
  readonly needs: FixtureNeeds;
  readonly moves: readonly RuntimeMove[];
  /** Changes to the service's own bytes, for what a correct service would not send. */
  readonly faults?: readonly ServiceFault[];
  readonly expect: readonly RuntimeExpectation[];
}

export interface FixtureNeeds {
  /** Values of `op` in events. */
  readonly operations?: readonly string[];
  /** A handler whose Init goes wrong, in place of the usual one. */
  readonly init?: "missing-module";
}

/** What the service does. Moves follow each other: the next one begins when this one is over. */
export type RuntimeMove =
  /** Starts the runtime; over when it waits in `next`, has ended, or ten seconds have passed. */
  | { readonly type: "init" }
  /** Nothing, for as long, so that what must not happen has the time to. */
  | { readonly type: "watch"; readonly ms: number }
  /** Hands out an event; over when the environment could take another one. */
  | {
      readonly type: "invoke";
      readonly requestId: string;
      /** JSON text: the very bytes that the runtime gets. */
      readonly event: string;
      readonly invocationId?: string;
      readonly traceId?: string;
    };

/** A change to the bytes that the service sends; `event` counts the events handed out, from 1. */
export type ServiceFault = { readonly type: "remove-header"; readonly event: number; readonly name: string };

/** Which request is meant: the `nth` from 1 with this method and path. Paths are literals, never computed. */
export interface RequestSelector {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly nth?: number;
}

/** What must be seen. Each is judged by itself, so that a case says all that is wrong at once. */
export type RuntimeExpectation =
  /** At least one request comes to the address that the runtime was given. */
  | { readonly type: "contact" }
  | { readonly type: "request-count"; readonly request: RequestSelector; readonly exactly: number }
  /** These begin in this order; others may come in between. */
  | { readonly type: "order"; readonly requests: readonly RequestSelector[] }
  | {
      readonly type: "request-header";
      readonly request: RequestSelector;
      readonly name: string;
      readonly is: TextCheck;
    }
  | { readonly type: "request-json"; readonly request: RequestSelector; readonly is: JsonCheck }
  /** The process ends by itself with a status other than 0, this soon after the request was answered. */
  | { readonly type: "exit-failing"; readonly after: RequestSelector; readonly withinMs: number };

export type JsonCheck =
  | { readonly any: true }
  /** The same value, whatever the spelling. */
  | { readonly equals: Json; readonly orEmpty?: true }
  | { readonly fields: Readonly<Record<string, Json>> }
  /** An object with at least these fields, each a string that is not empty. */
  | { readonly strings: readonly string[] };
