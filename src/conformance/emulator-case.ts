import type { CaseFacts, TextCheck } from "./case.ts";

/** A case for an emulator: what a caller and a scripted runtime (the puppet) do to it, and what they must get. */
export interface EmulatorCase extends CaseFacts {
  readonly subject: "emulator";
  readonly moves: readonly EmulatorMove[];
  readonly expect: readonly EmulatorExpectation[];
  /** The function's time-out where the suite starts the emulator itself; 30 when it does not matter. */
  readonly timeoutSeconds?: number;
  /** Not applicable where the event's deadline is further away: nobody waits a quarter of an hour for a verdict. */
  readonly deadlineMsMax?: number;
}

/** Bytes of a body: text as it is, or a JSON string that is exactly this long with its quotes. */
export type BodyLiteral = string | { readonly jsonStringBytes: number };

/**
 * What caller and puppet do, one after another. A name given by `as` is how expectations speak of it. `{id}` in a path
 * stands for the request id of the event that the puppet got last.
 */
export type EmulatorMove =
  /** The caller invokes the function, again where it is throttled; the move is over when the request is on its way. */
  | {
      readonly type: "invoke";
      readonly as: string;
      readonly event: BodyLiteral;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Until the caller has its answer. */
  | { readonly type: "await-caller"; readonly of: string }
  /** Until a puppet runs that the emulator has started. */
  | { readonly type: "await-runtime" }
  /** The puppet sends a request and waits for the answer, or (`begin`) does not wait. */
  | PuppetRequest
  /** Until the puppet has the answer to a request that it began. */
  | { readonly type: "await-answer"; readonly of: string }
  /** The puppet's process ends. */
  | { readonly type: "exit"; readonly code: number }
  /** Every puppet that is started ends like this until the caller has its answer. */
  | { readonly type: "exit-until-answered"; readonly code: number; readonly of: string }
  /** The puppet writes a file in /tmp; a later puppet looks for it and takes it away. */
  | { readonly type: "write-file" }
  | { readonly type: "look-for-file"; readonly as: string };

export interface PuppetRequest {
  readonly type: "call" | "begin";
  readonly as: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyLiteral;
}

/** What must have been seen. `of` names an answer, to the caller or to the puppet. */
export type EmulatorExpectation =
  | { readonly type: "status"; readonly of: string; readonly oneOf: readonly number[] }
  | { readonly type: "header"; readonly of: string; readonly name: string; readonly is: TextCheck }
  | { readonly type: "body"; readonly of: string; readonly equals: BodyLiteral }
  | { readonly type: "body-matches"; readonly of: string; readonly pattern: string }
  | { readonly type: "json"; readonly of: string; readonly fields: Readonly<Record<string, string>> }
  /** One of these refusals, with the error type that its body names. */
  | {
      readonly type: "refusal";
      readonly of: string;
      readonly oneOf: readonly { readonly status: number; readonly errorType: string }[];
    }
  /** The answer came only after the other request had been sent. */
  | { readonly type: "held-until"; readonly of: string; readonly sent: string }
  /** `Lambda-Runtime-Deadline-Ms` lies ahead, by the function's time-out at most. */
  | { readonly type: "deadline"; readonly of: string }
  /** Both went over the same TCP connection. */
  | { readonly type: "same-connection"; readonly of: string; readonly as: string }
  | { readonly type: "file-found"; readonly of: string }
  /** So many processes of the runtime were started in the course of the case. */
  | { readonly type: "processes"; readonly atLeast: number }
  /** Production leaves it open, or nobody knows: noted, never a failure. */
  | { readonly type: "observe"; readonly of: string; readonly what: "status" | "error-type" | "body" };
