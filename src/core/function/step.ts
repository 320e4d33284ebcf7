/**
 * Placement as a pure function: an invocation goes to an environment that is available, else to a new one, else
 * nowhere. An environment that nobody needs for a while is reclaimed.
 */
import { unreachable } from "../../protocol/unreachable.ts";
import { after, type Instant } from "../environment/model.ts";
import type { EnvironmentId, FunctionInput, FunctionState, FunctionStepped, Placement } from "./model.ts";

export function stepFunction(state: FunctionState, input: FunctionInput, at: Instant): FunctionStepped {
  switch (input.type) {
    case "invoke":
      return place(state, input);
    case "environment-available":
      return rest(state, input.environmentId, at);
    case "environment-closed":
      return forget(state, input.environmentId);
    case "idle-alarm":
      return reclaim(state, input.environmentId);
    default:
      return unreachable(input);
  }
}

function place(state: FunctionState, { requestId, tenantId }: FunctionInput & { type: "invoke" }): FunctionStepped {
  const environments = Object.entries(state.environments);
  const found = environments.find(
    ([id, environment]) => environment.at === "available" && state.tenants[Number(id)] === tenantId,
  )?.[0];
  if (found !== undefined) {
    const environmentId = Number(found);
    const busy = withPlacement(state, environmentId, { at: "busy" });
    return [
      busy,
      [
        { type: "clear-idle-alarm", environmentId },
        { type: "place-invocation", requestId, environmentId },
      ],
    ];
  }
  if (environments.length >= state.settings.environmentsMax) {
    const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    return [state, [{ type: "throttle", requestId, reason }]];
  }
  const environmentId = state.lastId + 1;
  const tenants = tenantId === undefined ? state.tenants : { ...state.tenants, [environmentId]: tenantId };
  const created = withPlacement({ ...state, lastId: environmentId, tenants }, environmentId, { at: "busy" });
  return [
    created,
    [
      { type: "create-environment", environmentId },
      { type: "place-invocation", requestId, environmentId },
    ],
  ];
}

function rest(state: FunctionState, environmentId: EnvironmentId, at: Instant): FunctionStepped {
  const idleUntil = after(at, state.settings.idleTimeoutMs);
  return [
    withPlacement(state, environmentId, { at: "available" }),
    [{ type: "set-idle-alarm", environmentId, at: idleUntil }],
  ];
}

/** An alarm that rings late, when an invocation has just been placed, means nothing. */
function reclaim(state: FunctionState, environmentId: EnvironmentId): FunctionStepped {
  if (state.environments[environmentId]?.at !== "available") return [state, []];
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
