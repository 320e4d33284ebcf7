import type { Fault } from "../faults/fault.ts";
import type { CaseFacts, Json, TextCheck } from "./case.ts";
import type { EventLiteral, RequestSelector, StartChange, SubjectExpectation } from "./subject-case.ts";

/** A case for a runtime: what the service does to it, and what must be seen on the wire. */
export interface RuntimeCase extends CaseFacts {
  readonly subject: "runtime";
  /** What the fixture's handler has to offer; a fixture that cannot offer it makes the case not applicable. */
  readonly needs: FixtureNeeds;
  /** What the subject must say that it can (`--declare`); otherwise the case is not applicable. */
  readonly declares?: Capability;
  /** How the process is started where that is not as usual. */
  readonly start?: StartChange;
  /** What it runs in where that is not an environment on demand, with one invocation at a time. */
  readonly environment?: CaseEnvironment;
  /** Nobody listens at the address of the API until so long after the start. */
  readonly apiAfterMs?: number;
  /** The function's time-out where it matters; 15 seconds where it does not. */
  readonly timeoutMs?: number;
  /** The service refuses something on purpose, and the case looks at what comes after it. */
  readonly goesOnRefused?: true;
  readonly moves: readonly RuntimeMove[];
  /** Changes to the service's own bytes, for what a correct service would not send. */
  readonly faults?: readonly Fault[];
  readonly expect: readonly RuntimeExpectation[];
}

/** Optional parts of the contract that a subject may have. */
export const capabilities = [
  "streaming",
  /** Several invocations at once, as many as `AWS_LAMBDA_MAX_CONCURRENCY` says. */
  "multi",
  /** Hooks around a snapshot. */
  "snapstart",
  /** Hooks at SIGTERM, for which it registers an extension of its own. */
  "shutdown-hook",
  /** A JSON object for each line that a function logs, where it is asked for that. */
  "json-logs",
  /** Time, request id and level in each line that a function logs, where it is not. */
  "text-logs",
  /** Frames for what a function logs, where a descriptor for them is open, as in AWS's own images. */
  "log-descriptor",
  /** Handler names and the event loop of Node.js. */
  "node-family",
] as const;
export type Capability = (typeof capabilities)[number];

export type CaseEnvironment =
  /** Managed Instances: so many invocations at once, and JSON logs. */
  | { readonly type: "managed"; readonly concurrency: number }
  /** Its Init ends with a snapshot, from which the first invocation restores it. */
  | { readonly type: "snap-start" };

/** Values of `op` that a fixture's handler may know. */
export const fixtureOperations = [
  ...["echo", "ctx", "throw", "throw-async", "throw-custom", "throw-value", "throw-unprintable", "reject-later"],
  ...["null", "undefined", "unserialisable", "big", "counter", "background", "sleep", "recurse", "child", "hang"],
  ...["exit", "never", "say", "trace", "log", "stdout-partial", "stream-type", "stream-http"],
  ...["fill", "stream-large"],
] as const;
export type FixtureOperation = (typeof fixtureOperations)[number];

/** Handlers whose Init is not the usual one, or goes wrong. */
export const initVariants = [
  ...["missing-module", "missing-export", "syntax-error", "malformed", "init-throw", "init-throw-custom"],
  ...[
    "slow",
    "nested",
    "from-a-layer",
    "snapshot-hooks",
    "before-snapshot-throws",
    "after-restore-throws",
    "shutdown-hook",
  ],
] as const;
export type InitVariant = (typeof initVariants)[number];

export interface FixtureNeeds {
  /** Values of `op` in events. */
  readonly operations?: readonly FixtureOperation[];
  /** A handler with another Init, in place of the usual one. */
  readonly init?: InitVariant;
  /** The handler that streams, in place of the usual one. */
  readonly handler?: "stream";
}

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
   * looks at the processes after a tenth of them, or a quarter of the time, and after the last.
   */
  | { readonly type: "invoke-many"; readonly count: number; readonly event: string }
  /** Hands out all events at once, when as many `next` wait or ten seconds have passed; over when none is in hand. */
  | { readonly type: "invoke-together"; readonly events: readonly EventFacts[] }
  /** Until so many `next` wait at the same time, or for as long. */
  | { readonly type: "await-waiting"; readonly count: number; readonly ms: number }
  /** Until there were so many of these requests, or for as long; what the runtime waited for a processor does not count. */
  | { readonly type: "await-asked"; readonly request: RequestSelector; readonly count: number; readonly ms: number }
  /** Stops the processes for as long, as Lambda does between invocations. */
  | { readonly type: "freeze"; readonly ms: number }
  | { readonly type: "signal"; readonly signal: "SIGTERM" }
  /**
   * Ends the runtime with its process group, which is how an environment ends, and looks before that at who holds a
   * connection to the API.
   */
  | { readonly type: "kill" }
  /** Ends the process of the environment that takes the most memory, which is what the kernel does when there is no more. */
  | { readonly type: "kill-largest" }
  /** The service reads nothing until the next `read-on`, or goes on with it. */
  | { readonly type: "stop-reading" }
  | { readonly type: "read-on" }
  /** Until the runtime's process has ended, or for as long. */
  | { readonly type: "await-exit"; readonly ms: number }
  /** From now on nobody listens at the address of the API. */
  | { readonly type: "close-api" };

/** What must be seen. Each is judged by itself, so that a case says all that is wrong at once. */
export type RuntimeExpectation =
  | SubjectExpectation
  /** The event is answered once, in one of these ways. */
  | { readonly type: "answered"; readonly requestId: string; readonly by: readonly ("response" | "error")[] }
  /** The answer begins at most so long after the event was handed out. */
  | { readonly type: "answered-within"; readonly requestId: string; readonly ms: number }
  /** The first bytes of the body follow the head this soon. */
  | { readonly type: "body-within"; readonly request: RequestSelector; readonly ms: number }
  /** So many requests of this kind wait at the same time at some moment, and never more than that. */
  | { readonly type: "waiting-together"; readonly request: RequestSelector; readonly min: number; readonly max: number }
  /** Each event of a long series is answered once, in this way. */
  | { readonly type: "many-answered"; readonly by: "response" | "error" }
  /** The handler's `remainingMs` fits the event's deadline and the moments at which event and answer passed. */
  | { readonly type: "remaining-time"; readonly event: RequestSelector; readonly answer: RequestSelector }
  /** The event is answered, or the process ends by itself with a failure: nothing waits for the time-out. */
  | { readonly type: "settled"; readonly requestId: string }
  /** The event is reported as an error, or the process ends: nothing waits for the time-out. */
  | { readonly type: "lost-or-reported"; readonly requestId: string }
  /** Only processes of the runtime's own group hold connections to the API when it is killed. */
  | { readonly type: "nobody-else-connected" }
  /** One frame for what was logged, in the descriptor that the start opened, and nothing there that is no frame. */
  | { readonly type: "framed"; readonly text: string; readonly types: readonly number[] }
  | StreamExpectation
  /** Production leaves it open, or clients differ: noted, never a failure. */
  | { readonly type: "observe"; readonly requestId: string }
  | { readonly type: "observe-init-error" };

export type StreamExpectation =
  /** The first bytes of the body were on their way at least this long before the last. */
  | { readonly type: "body-spread"; readonly request: RequestSelector; readonly msMin: number }
  /** So many bytes, without their framing. */
  | { readonly type: "body-bytes"; readonly request: RequestSelector; readonly count: number }
  /** When the service read on, the handler had printed `prefix` with a number up to `max` only. */
  | { readonly type: "held-back"; readonly request: RequestSelector; readonly prefix: string; readonly max: number }
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
