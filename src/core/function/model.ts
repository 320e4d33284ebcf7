/** The nouns of placement: which environments a function has, and which of them may take an invocation. */
export type EnvironmentId = number;

export interface FunctionState {
  readonly settings: FunctionSettings;
  /** Environments by id, oldest first. */
  readonly environments: Readonly<Record<EnvironmentId, Placement>>;
  readonly lastId: EnvironmentId;
}

export interface FunctionSettings {
  /** How many environments may exist at once: the function's reserved concurrency. */
  readonly environmentsMax: number;
}

export type Placement =
  /** Initialising, or inside an Invoke phase. */
  | { readonly at: "busy" }
  /** Can take an invocation now. */
  | { readonly at: "available" };

export type FunctionInput =
  | { readonly type: "invoke"; readonly requestId: string }
  | { readonly type: "environment-available"; readonly environmentId: EnvironmentId }
  | { readonly type: "environment-closed"; readonly environmentId: EnvironmentId };

export type FunctionEffect =
  | { readonly type: "create-environment"; readonly environmentId: EnvironmentId }
  | { readonly type: "place-invocation"; readonly requestId: string; readonly environmentId: EnvironmentId }
  /** 429 with this reason. DG/invocation-retries.html, and real answers */
  | { readonly type: "throttle"; readonly requestId: string; readonly reason: ThrottleReason };

export type ThrottleReason = "ReservedFunctionConcurrentInvocationLimitExceeded";

export type FunctionStepped = readonly [FunctionState, readonly FunctionEffect[]];

export function newFunction(settings: FunctionSettings): FunctionState {
  return { settings, environments: {}, lastId: 0 };
}
