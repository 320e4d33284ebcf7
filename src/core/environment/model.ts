/**
 * The nouns of one execution environment. State is plain JSON: it can be logged, compared, sent to a browser and
 * replayed. Sockets, processes and payload bytes stay with the world and are named here by number or by name.
 */
import type { ExtensionEventType, ShutdownReason } from "../../protocol/extension-event.ts";
import type { InitializationType } from "../../protocol/initialization-type.ts";

/** Milliseconds on a monotonic clock of the world. */
export type Instant = number;

/** A call to one of the environment's APIs that the world holds open until it is answered or refused. */
export type CallId = number;

export type RequestId = string;

/** A process of the environment. */
export type ProcessName = "runtime" | `extension:${string}`;

/** Timers are named and replaceable: setting one again replaces it. */
export type AlarmName = "init" | "restore" | "runtime-kill" | "shutdown" | `timeout:${RequestId}`;

/** What does not change while the environment lives. */
export interface Settings {
  readonly initializationType: InitializationType;
  /** The function's time-out. */
  readonly timeoutMs: number;
  /** How long an Init phase may take before it is repeated inside the first invocation. */
  readonly initTimeoutMs: number;
  /** File names in /opt/extensions, in the order in which they are started. */
  readonly externalExtensions: readonly string[];
  /** Invocations in hand at once: one, outside Managed Instances. */
  readonly invocationsMax: number;
  /** The runtime's share of a shutdown with external extensions, from SIGTERM to SIGKILL. */
  readonly runtimeShutdownMs: number;
}

export interface Environment {
  readonly settings: Settings;
  readonly phase: Phase;
  readonly runtime: Runtime;
  /** By name. */
  readonly extensions: Readonly<Record<string, Extension>>;
  readonly invocations: Readonly<Record<RequestId, Invocation>>;
  /** Managed Instances only: invocations that timed out while the runtime had them, oldest first. */
  readonly late: readonly RequestId[];
}

/** All of the machine's processors, as Lambda gives them to an Init phase, or what the function's memory buys. */
export type ProcessorShare = "all" | "function";

/** What an Init runs as: on its own, or again inside an invocation after a first one failed ("suppressed init"). */
export type InitPhase = "init" | "invoke";

export type Phase =
  /** Nothing runs: new, or after a reset. Becomes init. */
  | { readonly at: "cold"; readonly initPhase: InitPhase }
  /** Becomes idle or invoke when everybody has asked for `next`, or shutdown. */
  | { readonly at: "init"; readonly initPhase: InitPhase; readonly startedAt: Instant; readonly runtimeDone: boolean }
  /** SnapStart only, in place of the first idle: frozen after Init until an invocation arrives. Becomes restore. */
  | { readonly at: "snapshot" }
  /** SnapStart only: thawed for the invocation that waits. Becomes idle when the runtime asks for `next`, or shutdown. */
  | { readonly at: "restore"; readonly startedAt: Instant }
  /** Frozen until an invocation arrives, outside Managed Instances. */
  | (ColdStart & { readonly at: "idle" })
  /** Ends when the runtime and every subscribed extension have asked for `next`; becomes idle or shutdown. */
  | (ColdStart & { readonly at: "invoke" })
  /** Becomes cold (after a reset) or closed when the last process is gone. */
  | ShutdownPhase
  | { readonly at: "closed" };

/** What came before the first invocation, until its REPORT has carried it. */
export interface ColdStart {
  readonly initDurationMs?: number;
  readonly restoreDurationMs?: number;
}

/** What it says of a cold start is as of the Invoke phase that it cut off. */
export interface ShutdownPhase extends ColdStart {
  readonly at: "shutdown";
  readonly reason: ShutdownReason;
  readonly startedAt: Instant;
  /** When whoever is left is killed; the deadline of SHUTDOWN events. */
  readonly deadlineAt: Instant;
  /** First the runtime is stopped, then the extensions are told. */
  readonly stage: "runtime" | "extensions";
  readonly next: "reset" | "close";
  /** What invocations without an outcome will be told, if the failure was not one of Init alone. */
  readonly fault?: Fault;
}

/** Why the environment could not go on. */
export interface Fault {
  readonly status: "timeout" | "error" | "failure";
  readonly errorType: string;
  /** Without the request id, which is put before it for each caller. */
  readonly cause: string;
  /** The service's own error, for callers whose invocation never began; without it they get a function error. */
  readonly refusal?: InvocationRefusal;
}

/** Errors of the Invoke API that an environment can cause. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export type InvocationRefusal = "SnapStartException" | "SnapStartTimeoutException" | "Runtime.Unavailable";

export type Runtime =
  | { readonly at: "absent" }
  /** Its process runs and has not called `next`. */
  | { readonly at: "started" }
  /** Has called `next` once; `nextCalls` are those that wait, oldest first. */
  | { readonly at: "serving"; readonly nextCalls: readonly CallId[] }
  /** Waits in `restore/next`, or did when its connection was lost. */
  | { readonly at: "restore-ready"; readonly call?: CallId }
  /** Was told that it has been restored, and has not called `next`. */
  | { readonly at: "restoring" }
  /** Has reported an error of Init or of the restore and is expected to exit. */
  | { readonly at: "init-error" | "restore-error"; readonly errorType: string };

export type Extension =
  /** External, started, not registered. Becomes registered or exited. */
  | { readonly at: "launched"; readonly kind: "external" }
  /** Has not called `next` yet. */
  | (Registered & { readonly at: "registered" })
  /** Waits in `next`. */
  | (Registered & { readonly at: "ready"; readonly call: CallId })
  /** Its connection was lost while it waited; an event that it has not seen waits for its next `next`. */
  | (Registered & { readonly at: "away"; readonly owed?: "INVOKE" })
  /** Works on an event. */
  | (Registered & { readonly at: "running"; readonly event: ExtensionEventType })
  /** Has reported an error and is expected to exit. */
  | (Registered & { readonly at: "init-error" | "exit-error"; readonly errorType: string })
  | { readonly at: "exited"; readonly kind: "external" };

export interface Registered {
  readonly kind: "external" | "internal";
  readonly identifier: string;
  readonly events: readonly ExtensionEventType[];
}

/** An invocation in hand. It leaves the map when its Invoke phase has ended. */
export type Invocation =
  /** Accepted, not fetched by the runtime. `startedAt` once its Invoke phase (or the Init inside it) runs. */
  | { readonly at: "pending"; readonly invocationId: string; readonly startedAt?: Instant }
  | (Running & { readonly at: "delivered" })
  /** The runtime's answer is being read. */
  | (Running & {
      readonly at: "answering";
      readonly call: CallId;
      readonly answer: AnswerKind;
      readonly beganAt: Instant;
    })
  /**
   * Has its outcome; the runtime may call `next`, and did when it is done. `read` is missing where an init error was
   * the answer.
   */
  | (Running & {
      readonly at: "answered";
      readonly bytes: number;
      readonly read?: AnswerRead;
      readonly runtimeDoneAt?: Instant;
    })
  /** Has its outcome, but the runtime is left in a state that refuses `next` (as after an invalid response mode). */
  | (Running & { readonly at: "spoiled" });

interface Running {
  readonly invocationId: string;
  readonly startedAt: Instant;
}

/** When the head of an answer came, and when its body had ended. */
export interface AnswerRead {
  readonly beganAt: Instant;
  readonly endedAt: Instant;
}

/** A streamed response is passed on while it is read. */
export type AnswerKind = "response" | "stream" | "error";

/** A new environment in which nothing runs. */
export function newEnvironment(settings: Settings): Environment {
  return {
    settings,
    phase: { at: "cold", initPhase: "init" },
    runtime: { at: "absent" },
    extensions: {},
    invocations: {},
    late: [],
  };
}

/** `at` plus a duration. */
export function after(at: Instant, durationMs: number): Instant {
  return at + durationMs;
}
