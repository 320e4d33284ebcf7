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
  /** Invocations that an environment takes at once: one, outside Managed Instances. */
  readonly invocationsMax: number;
  /** How long an environment may be idle before it is reclaimed. */
  readonly idleTimeoutMs: number;
}

export type Placement =
  /** Takes invocations while it has slots. */
  | Open
  /** Was idle for too long and is being shut down. */
  | { readonly at: "reclaimed" };

export interface Open {
  readonly at: "open";
  /** How many invocations it could take now, those that are on their way to it taken off. */
  readonly slots: number;
  /** How many it was ever given. */
  readonly placed: number;
  /** Nothing is in hand, and the alarm is set that reclaims it. */
  readonly idle: boolean;
  /** Made ahead of invocations, and kept for as long as the function is. */
  readonly provisioned: boolean;
}

export type FunctionInput =
  /** Make `count` environments ahead of any invocation. */
  | { readonly type: "provision"; readonly count: number }
  | { readonly type: "invoke"; readonly requestId: string; readonly tenantId?: string }
  /**
   * What an environment has to say of itself: it could take `slots` more, and was handed `accepted` so far. What was
   * placed since then is not in it.
   */
  | {
      readonly type: "environment-slots";
      readonly environmentId: EnvironmentId;
      readonly slots: number;
      readonly accepted: number;
      readonly idle: boolean;
    }
  | { readonly type: "environment-closed"; readonly environmentId: EnvironmentId }
  /** The alarm that was set when it became idle. */
  | { readonly type: "idle-alarm"; readonly environmentId: EnvironmentId };

export type FunctionEffect =
  /** A provisioned one is initialised at once. */
  | { readonly type: "create-environment"; readonly environmentId: EnvironmentId; readonly provisioned: boolean }
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
