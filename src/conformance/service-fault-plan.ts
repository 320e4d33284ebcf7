/** What a case may change in the service's own answers. */

/** Which answers are meant: the event handed out as number `event` (from 1), to a request, or all of them. */
export type AnswerSelector =
  | "each"
  | { readonly event: number | "each" }
  | { readonly method: "GET" | "POST"; readonly path: string; readonly nth: number | "each" };

/** A change to the bytes that the service sends. */
export type ServiceFault = { readonly answer: AnswerSelector } & (
  | { readonly type: "remove-header"; readonly name: string }
  | { readonly type: "set-header"; readonly name: string; readonly value: string }
  /** Names of headers with the case of every letter turned. */
  | { readonly type: "odd-case" }
  | { readonly type: "status"; readonly status: number; readonly errorType?: string }
  | { readonly type: "empty-body" }
  /** The body in chunks of so many bytes, in place of its length. */
  | { readonly type: "chunked"; readonly bytes: number }
  /** Head and body apart, and the body in so many pieces, each this long after the one before. */
  | { readonly type: "trickle"; readonly pieces: number; readonly gapMs: number }
  | { readonly type: "delay"; readonly ms: number }
  /** `Connection: close`, and the connection ends with the answer. */
  | { readonly type: "close" }
  /** The connection ends after the head, before the body that it announces. */
  | { readonly type: "cut-after-head" }
);
