import type { ShutdownReason } from "./extension-event.ts";
import { limits } from "./limits.ts";

/** Whose Lambda an emulated environment is like. */
export type ProfileName = "aws" | "aws-2024" | "rie" | "lmi";

/** What differs between the Lambdas there are; everything else is the same in all of them. */
export interface Profile {
  readonly name: ProfileName;
  /** Managed Instances: invocations side by side, no freeze, no reset, SHUTDOWN as the only event. */
  readonly managed: boolean;
  /** Whether code and variables have to be as small as the service takes them; the official emulator runs what is there. */
  readonly quotas: boolean;
  /** Whether runtime and extensions are told of a trace. */
  readonly trace: boolean;
  /** Whether each attempt has a `Lambda-Runtime-Invocation-Id`, new in 2026. */
  readonly invocationId: boolean;
  /** Headers of an event that have no value. */
  readonly emptyHeaders: "omitted" | "sent";
  /** How long an Init may take: Lambda's ten seconds, or the function's time-out. */
  readonly initLimit: "fixed" | "timeout";
  /** What the caller is told of a time-out. */
  readonly timeoutPayload: TimeoutPayload;
  /** When the caller has a result that is no error: with the response, or after the Invoke phase. RIE rapidcore/server.go Invoke */
  readonly answers: "with-response" | "after-phase";
  /** `shutdownReason` of SHUTDOWN events. */
  readonly shutdownReasons: Readonly<Record<ShutdownReason, string>>;
  /** The runtime's share of a shutdown with external extensions. */
  readonly runtimeShutdownMs: number;
  /** How a 403 for a state ends: the emulator's newer core writes it in lower case. */
  readonly transitionReason: "State transition is not allowed" | "state transition is not allowed";
  /** The most that an `/error` may bring; a response's limit where there is no other. */
  readonly errorBytesMax: number;
  readonly logLines: LogLineStyle;
  /** `2025-01-29` takes that schema and no other. */
  readonly telemetry: "all-schemas" | "2025-01-29" | "not-supported";
}

export type TimeoutPayload =
  /** `{"errorType":…,"errorMessage":…}` with the request id before the message, or without it. */
  | "error-with-request-id"
  | "error"
  /** `{"errorMessage":"<date> <request id> Task timed out …"}` */
  | "dated-message"
  /** The sentence alone, of which nobody says that it is a function error. */
  | "text";

/** `aws-2024` has lines of their own for crashes and time-outs; the emulators put fields in another order or leave them out. */
export type LogLineStyle = "aws" | "aws-2024" | "rie" | "lmi";

const aws: Profile = {
  name: "aws",
  managed: false,
  quotas: true,
  trace: true,
  invocationId: true,
  emptyHeaders: "omitted",
  initLimit: "fixed",
  timeoutPayload: "error-with-request-id",
  answers: "with-response",
  shutdownReasons: { spindown: "spindown", timeout: "timeout", failure: "failure" },
  runtimeShutdownMs: limits.shutdownRuntimeMs,
  transitionReason: "State transition is not allowed",
  errorBytesMax: limits.payloadBytesMax,
  logLines: "aws",
  telemetry: "all-schemas",
};

/** Sources by profile: real answers for `aws`, what older material quotes for `aws-2024`, the official emulator's two cores for the others. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  aws,
  "aws-2024": {
    ...aws,
    name: "aws-2024",
    invocationId: false,
    timeoutPayload: "dated-message",
    logLines: "aws-2024",
  },
  rie: {
    ...aws,
    name: "rie",
    quotas: false,
    trace: false,
    invocationId: false,
    initLimit: "timeout",
    timeoutPayload: "text",
    answers: "after-phase",
    shutdownReasons: { spindown: "SandboxTerminated", timeout: "Timeout", failure: "ReleaseFail" },
    runtimeShutdownMs: limits.shutdownRuntimeEmulatorMs,
    logLines: "rie",
    telemetry: "not-supported",
  },
  lmi: {
    ...aws,
    name: "lmi",
    managed: true,
    emptyHeaders: "sent",
    timeoutPayload: "error",
    runtimeShutdownMs: limits.shutdownRuntimeEmulatorMs,
    transitionReason: "state transition is not allowed",
    errorBytesMax: limits.managedErrorBytesMax,
    logLines: "lmi",
    telemetry: "2025-01-29",
  },
};
