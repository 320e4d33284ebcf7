/**
 * Placement as a pure function: an invocation goes to the oldest environment that has a slot for it, else to a new one,
 * else nowhere. An environment that nobody needs for a while is reclaimed.
 */
import { unreachable } from "../../protocol/unreachable.ts";
import { after, type Instant } from "../environment/model.ts";
import type {
  EnvironmentId,
  FunctionEffect,
  FunctionInput,
  FunctionState,
  FunctionStepped,
  Open,
  Placement,
} from "./model.ts";

export function stepFunction(state: FunctionState, input: FunctionInput, at: Instant): FunctionStepped {
  switch (input.type) {
    case "provision":
      return provision(state, input.count);
    case "invoke":
      return place(state, input);
    case "environment-slots":
      return listen(state, input, at);
    case "environment-closed":
      return forget(state, input.environmentId);
    case "idle-alarm":
      return reclaim(state, input.environmentId);
    default:
      return unreachable(input);
  }
}

/** What is not initialised takes nothing: invocations that come meanwhile have environments of their own. */
function provision(state: FunctionState, count: number): FunctionStepped {
  const { environmentsMax } = state.settings;
  if (count === 0 || Object.keys(state.environments).length >= environmentsMax) return [state, []];
  const environmentId = state.lastId + 1;
  const open: Open = { at: "open", slots: 0, placed: 0, idle: false, provisioned: true };
  const created = withPlacement({ ...state, lastId: environmentId }, environmentId, open);
  const [provisioned, effects] = provision(created, count - 1);
  return [provisioned, [{ type: "create-environment", environmentId, provisioned: true }, ...effects]];
}

function place(state: FunctionState, invoke: FunctionInput & { type: "invoke" }): FunctionStepped {
  const { requestId, tenantId } = invoke;
  for (const [key, environment] of Object.entries(state.environments)) {
    const environmentId = Number(key);
    if (environment.at !== "open" || environment.slots === 0 || state.tenants[environmentId] !== tenantId) continue;
    const { slots, placed, idle } = environment;
    const taken: Open = { ...environment, slots: slots - 1, placed: placed + 1, idle: false };
    const stays: readonly FunctionEffect[] = idle ? [{ type: "clear-idle-alarm", environmentId }] : [];
    return [
      withPlacement(state, environmentId, taken),
      [...stays, { type: "place-invocation", requestId, environmentId }],
    ];
  }
  if (Object.keys(state.environments).length >= state.settings.environmentsMax) {
    const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    return [state, [{ type: "throttle", requestId, reason }]];
  }
  return create(state, invoke);
}

function create(state: FunctionState, { requestId, tenantId }: FunctionInput & { type: "invoke" }): FunctionStepped {
  const environmentId = state.lastId + 1;
  const tenants = tenantId === undefined ? state.tenants : { ...state.tenants, [environmentId]: tenantId };
  const slots = state.settings.invocationsMax - 1;
  const open: Open = { at: "open", slots, placed: 1, idle: false, provisioned: false };
  return [
    withPlacement({ ...state, lastId: environmentId, tenants }, environmentId, open),
    [
      { type: "create-environment", environmentId, provisioned: false },
      { type: "place-invocation", requestId, environmentId },
    ],
  ];
}

/** An environment that is being reclaimed has nothing to say any more, and one that is provisioned is never reclaimed. */
function listen(
  state: FunctionState,
  input: FunctionInput & { type: "environment-slots" },
  at: Instant,
): FunctionStepped {
  const { environmentId } = input;
  const known = state.environments[environmentId];
  if (known?.at !== "open") return [state, []];
  const underway = known.placed - input.accepted;
  const slots = Math.max(0, input.slots - underway);
  const idle = input.idle && underway === 0 && !known.provisioned;
  const told = withPlacement(state, environmentId, { ...known, slots, idle });
  if (idle === known.idle) return [told, []];
  const alarm: FunctionEffect = idle
    ? { type: "set-idle-alarm", environmentId, at: after(at, state.settings.idleTimeoutMs) }
    : { type: "clear-idle-alarm", environmentId };
  return [told, [alarm]];
}

/** An alarm that rings late, when an invocation has just been placed, means nothing. */
function reclaim(state: FunctionState, environmentId: EnvironmentId): FunctionStepped {
  const environment = state.environments[environmentId];
  if (environment?.at !== "open" || !environment.idle) return [state, []];
  return [withPlacement(state, environmentId, { at: "reclaimed" }), [{ type: "close-environment", environmentId }]];
}

function forget(state: FunctionState, environmentId: EnvironmentId): FunctionStepped {
  const { [environmentId]: _, ...environments } = state.environments;
  const { [environmentId]: __, ...tenants } = state.tenants;
  return [{ ...state, environments, tenants }, [{ type: "clear-idle-alarm", environmentId }]];
}

function withPlacement(state: FunctionState, environmentId: EnvironmentId, placement: Placement): FunctionState {
  return { ...state, environments: { ...state.environments, [environmentId]: placement } };
}
