/** Everything that can happen to an execution environment. Each input passes one inbox and is written to the journal. */
import type { AlarmName, CallId, ProcessName, RequestId } from "./model.ts";

export type Input =
  /** Begin the Init phase ahead of any invocation. */
  | { readonly type: "init" }
  /** An invocation was placed here. `invocationId` is the nonce of this attempt. */
  | { readonly type: "invoke"; readonly requestId: RequestId; readonly invocationId: string }
  /** The environment is no longer needed. */
  | { readonly type: "shutdown" }
  | { readonly type: "alarm"; readonly alarm: AlarmName }
  | { readonly type: "process-exited"; readonly process: ProcessName; readonly exit: Exit }
  /** The process could not be started; `reason` is for the caller's eyes. */
  | { readonly type: "process-start-failed"; readonly process: ProcessName; readonly reason: string }
  /** The client of a held `next` went away. A lost connection under an answer's body is its `answer-ended`. */
  | { readonly type: "call-dropped"; readonly call: CallId }
  | { readonly type: "runtime-next"; readonly call: CallId }
  /** The head of a `/response` or `/error` was read; its body follows. */
  | {
      readonly type: "answer-began";
      readonly call: CallId;
      readonly requestId: RequestId;
      readonly answer: "response" | "error";
      readonly mode: "buffered" | "streaming" | "invalid";
      /** The echoed nonce, where the runtime sent one. */
      readonly invocationId?: string;
    }
  /** The body was read as far as it goes. */
  | {
      readonly type: "answer-ended";
      readonly call: CallId;
      readonly ending: "complete" | "truncated" | "oversize";
      readonly bytes: number;
      /** Of an `/error`: the type that its header gave. Of a stream: the type in its trailers, which say that it failed. */
      readonly errorType?: string;
    }
  | { readonly type: "runtime-init-error"; readonly call: CallId; readonly errorType?: string; readonly bytes: number }
  /** SnapStart only, as the next. */
  | { readonly type: "runtime-restore-next"; readonly call: CallId }
  | { readonly type: "runtime-restore-error"; readonly call: CallId; readonly errorType?: string }
  /** `identifier` is minted by the world for the case that registration succeeds. */
  | {
      readonly type: "extension-register";
      readonly call: CallId;
      readonly name: string;
      readonly identifier: string;
      readonly events: readonly string[];
    }
  | { readonly type: "extension-next"; readonly call: CallId; readonly identifier: string }
  | {
      readonly type: "extension-error";
      readonly call: CallId;
      readonly identifier: string;
      readonly report: "init-error" | "exit-error";
      readonly errorType: string;
    };

/** How a process ended. */
export type Exit =
  | { readonly how: "code"; readonly code: number }
  /** Without the `SIG`, in lower case as Go prints it: `killed`, `terminated`, `segmentation fault`. */
  | { readonly how: "signal"; readonly signal: string };
