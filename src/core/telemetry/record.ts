/** Platform records, as the steps of an environment produce them: facts and durations, no dates and no memory figures. */
import type { ExtensionEventType } from "../../protocol/extension-event.ts";
import type { ExtensionStateName } from "../../protocol/refusal.ts";

/** `error` is a crash of the runtime or an extension, `failure` one of the platform. A handler's error is a success. */
export type Status = "success" | "timeout" | "error" | "failure";

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
    }
  | {
      readonly type: "platform.report";
      readonly requestId: string;
      readonly status: Status;
      readonly errorType?: string;
      readonly durationMs: number;
      readonly initDurationMs?: number;
    };
