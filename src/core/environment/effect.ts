/** Everything an execution environment may ask of the world. Real and simulated worlds differ in nothing else. */

import type { ShutdownReason } from "../../protocol/extension-event.ts";
import type { FunctionError } from "../../protocol/function-error.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { PlatformRecord } from "../telemetry/record.ts";
import type {
  AlarmName,
  CallId,
  Environment,
  Instant,
  InvocationRefusal,
  ProcessName,
  ProcessorShare,
  RequestId,
} from "./model.ts";

export type Effect =
  | { readonly type: "start-process"; readonly process: ProcessName }
  | { readonly type: "signal-process"; readonly process: ProcessName; readonly signal: "SIGTERM" | "SIGKILL" }
  | { readonly type: "set-alarm"; readonly alarm: AlarmName; readonly at: Instant }
  | { readonly type: "clear-alarm"; readonly alarm: AlarmName }
  /** What may compute from now on; it holds before anybody hears of what follows in the same step. */
  | { readonly type: "share-processors"; readonly share: ProcessorShare }
  | { readonly type: "freeze" }
  | { readonly type: "thaw" }
  | { readonly type: "answer-call"; readonly call: CallId; readonly answer: Answer }
  | { readonly type: "refuse-call"; readonly call: CallId; readonly refusal: Refusal }
  /** The caller gets what is read from `call` as it comes; `complete-invocation` follows when it has ended. */
  | { readonly type: "begin-stream"; readonly requestId: RequestId; readonly call: CallId }
  | { readonly type: "complete-invocation"; readonly requestId: RequestId; readonly outcome: Outcome }
  /** A platform record: telemetry and log lines are made from it. */
  | { readonly type: "record"; readonly record: PlatformRecord };

export type Answer =
  /** 202 `{"status":"OK"}` */
  | { readonly type: "accepted" }
  /** The event of an invocation, to the runtime. */
  | { readonly type: "invocation"; readonly requestId: RequestId; readonly deadlineAt: Instant }
  /** 200 without a body, to `restore/next`. */
  | { readonly type: "restored" }
  | { readonly type: "registered"; readonly name: string; readonly identifier: string }
  | { readonly type: "invoke-event"; readonly requestId: RequestId; readonly deadlineAt: Instant }
  | { readonly type: "shutdown-event"; readonly reason: ShutdownReason; readonly deadlineAt: Instant };

/** What the caller of an invocation receives. */
export type Outcome =
  /** The bytes of the runtime's `/response`. */
  | { readonly type: "response"; readonly payloadOf: CallId }
  /** The bytes of the runtime's `/error` or `/init/error`. */
  | { readonly type: "error"; readonly payloadOf: CallId }
  /** The streamed response has ended; with an error type when its trailers said that it failed. */
  | {
      readonly type: "stream";
      /** The error body of its trailers. */
      readonly payloadOf: CallId;
      readonly ending: "complete" | "truncated" | "oversize";
      readonly errorType?: string;
    }
  /** The function's time-out. How that is worded has changed over the years. */
  | { readonly type: "timeout"; readonly timeoutMs: number }
  /** It was never run: the service answers with an error of its own. */
  | { readonly type: "refused"; readonly refusal: InvocationRefusal }
  /** Made by the platform. */
  | { readonly type: "fault"; readonly error: FunctionError };

export type Stepped = readonly [Environment, readonly Effect[]];

/** Nothing to ask of the world. */
export function stepped(environment: Environment, ...effects: readonly Effect[]): Stepped {
  return [environment, effects];
}

/** Goes on from `first` and keeps the effects of both in order. */
export function andThen(first: Stepped, next: (environment: Environment) => Stepped): Stepped {
  const [environment, effects] = next(first[0]);
  return [environment, [...first[1], ...effects]];
}

export function refuse(environment: Environment, call: CallId, refusal: Refusal): Stepped {
  return stepped(environment, { type: "refuse-call", call, refusal });
}
