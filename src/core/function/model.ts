/** The nouns of placement: which environments a function has, and which of them may take an invocation. */
import type { Instant } from "../environment/model.ts";

export type EnvironmentId = number;

export interface FunctionState {
  readonly settings: FunctionSettings;
  /** Environments by id, oldest first. */
  readonly environments: Readonly<Record<EnvironmentId, Placement>>;
  readonly lastId: EnvironmentId;
  /** Whose an environment is, for a function that keeps its tenants apart. DG/tenant-isolation.html */
  readonly tenants: Readonly<Record<EnvironmentId, string>>;
}

export interface FunctionSettings {
  /** How many environments may exist at once: the function's reserved concurrency. */
  readonly environmentsMax: number;
  /** How long an environment may be idle before it is reclaimed. */
  readonly idleTimeoutMs: number;
}

export type Placement =
  /** Initialising, or inside an Invoke phase. */
  | { readonly at: "busy" }
  /** Can take an invocation now. */
  | { readonly at: "available" }
  /** Was idle for too long and is being shut down. */
  | { readonly at: "reclaimed" };

export type FunctionInput =
  | { readonly type: "invoke"; readonly requestId: string; readonly tenantId?: string }
  | { readonly type: "environment-available"; readonly environmentId: EnvironmentId }
  | { readonly type: "environment-closed"; readonly environmentId: EnvironmentId }
  /** The alarm that was set when it became available. */
  | { readonly type: "idle-alarm"; readonly environmentId: EnvironmentId };

export type FunctionEffect =
  | { readonly type: "create-environment"; readonly environmentId: EnvironmentId }
  | { readonly type: "place-invocation"; readonly requestId: string; readonly environmentId: EnvironmentId }
  /** 429 with this reason. DG/invocation-retries.html, and real answers */
  | { readonly type: "throttle"; readonly requestId: string; readonly reason: ThrottleReason }
  | { readonly type: "set-idle-alarm"; readonly environmentId: EnvironmentId; readonly at: Instant }
  | { readonly type: "clear-idle-alarm"; readonly environmentId: EnvironmentId }
  /** Shut it down; it says `environment-closed` when it is. */
  | { readonly type: "close-environment"; readonly environmentId: EnvironmentId };

export type ThrottleReason = "ReservedFunctionConcurrentInvocationLimitExceeded";

export type FunctionStepped = readonly [FunctionState, readonly FunctionEffect[]];

export function newFunction(settings: FunctionSettings): FunctionState {
  return { settings, environments: {}, lastId: 0, tenants: {} };
}
