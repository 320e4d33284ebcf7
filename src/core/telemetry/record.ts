/** Platform records, as the steps of an environment produce them: facts and durations, no dates and no memory figures. */
import type { ExtensionEventType } from "../../protocol/extension-event.ts";
import type { InitializationType } from "../../protocol/initialization-type.ts";
import type { ExtensionStateName } from "../../protocol/refusal.ts";
import type { Instant } from "../environment/model.ts";

/** `error` is a crash of the runtime or an extension, `failure` one of the platform. A handler's error is a success. */
export type Status = "success" | "timeout" | "error" | "failure";

/** A stretch of an invocation. `startAt` is an instant of the environment, which is given a date at the rim. */
export interface Span {
  readonly name: "responseLatency" | "responseDuration" | "runtimeOverhead" | "extensionOverhead";
  readonly startAt: Instant;
  readonly durationMs: number;
}

/** Field names and values as in DG/telemetry-schema-reference.html. */
export type PlatformRecord =
  | { readonly type: "platform.initStart"; readonly phase: "init" | "invoke" }
  | {
      readonly type: "platform.initRuntimeDone";
      readonly phase: "init" | "invoke";
      readonly status: Status;
      readonly errorType?: string;
    }
  | {
      readonly type: "platform.extension";
      readonly name: string;
      readonly state: ExtensionStateName;
      readonly events: readonly ExtensionEventType[];
      readonly errorType?: string;
    }
  | {
      readonly type: "platform.initReport";
      readonly phase: "init" | "invoke";
      readonly status: Status;
      readonly errorType?: string;
      readonly durationMs: number;
    }
  | { readonly type: "platform.start"; readonly requestId: string }
  | {
      readonly type: "platform.runtimeDone";
      readonly requestId: string;
      readonly status: Status;
      readonly errorType?: string;
      readonly durationMs: number;
      readonly producedBytes: number;
      readonly spans?: readonly Span[];
      /** What the caller is told of a failure, without the request id. */
      readonly cause?: string;
    }
  | {
      readonly type: "platform.report";
      readonly requestId: string;
      readonly status: Status;
      readonly errorType?: string;
      readonly durationMs: number;
      readonly initDurationMs?: number;
      readonly restoreDurationMs?: number;
      readonly spans?: readonly Span[];
    }
  | { readonly type: "platform.restoreStart" }
  | { readonly type: "platform.restoreRuntimeDone"; readonly status: Status; readonly errorType?: string }
  | {
      readonly type: "platform.restoreReport";
      readonly status: Status;
      readonly errorType?: string;
      readonly durationMs: number;
    };

/** What lines and events say besides the record itself. */
export interface RecordFacts {
  readonly functionName: string;
  readonly version: string;
  readonly memoryMb: number;
  readonly maxMemoryUsedMb: number;
  readonly initializationType: InitializationType;
  readonly logStreamName: string;
  /** Such as `provided:al2023.v15`, where the caller knows it. */
  readonly runtimeVersion?: string;
  readonly runtimeVersionArn?: string;
  /** The invocation that the record is about. */
  readonly invocation?: InvocationFacts;
  /** The date of an instant, with milliseconds and `Z`. */
  readonly dateOf: (at: Instant) => string;
}

export interface InvocationFacts {
  readonly invokedFunctionArn: string;
  readonly traceId?: string;
  readonly tenantId?: string;
}
