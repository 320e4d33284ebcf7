/** Placement as a pure function: an invocation goes to an environment that is available, else to a new one, else nowhere. */
import { unreachable } from "../../protocol/unreachable.ts";
import type { EnvironmentId, FunctionInput, FunctionState, FunctionStepped, Placement } from "./model.ts";

export function stepFunction(state: FunctionState, input: FunctionInput): FunctionStepped {
  switch (input.type) {
    case "invoke":
      return place(state, input.requestId);
    case "environment-available":
      return [withPlacement(state, input.environmentId, { at: "available" }), []];
    case "environment-closed":
      return [withoutEnvironment(state, input.environmentId), []];
    default:
      return unreachable(input);
  }
}

function place(state: FunctionState, requestId: string): FunctionStepped {
  const environments = Object.entries(state.environments);
  const found = environments.find(([, environment]) => environment.at === "available")?.[0];
  if (found !== undefined) {
    const environmentId = Number(found);
    const busy = withPlacement(state, environmentId, { at: "busy" });
    return [busy, [{ type: "place-invocation", requestId, environmentId }]];
  }
  if (environments.length >= state.settings.environmentsMax) {
    const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    return [state, [{ type: "throttle", requestId, reason }]];
  }
  const environmentId = state.lastId + 1;
  const created = withPlacement({ ...state, lastId: environmentId }, environmentId, { at: "busy" });
  return [
    created,
    [
      { type: "create-environment", environmentId },
      { type: "place-invocation", requestId, environmentId },
    ],
  ];
}

function withPlacement(state: FunctionState, environmentId: EnvironmentId, placement: Placement): FunctionState {
  return { ...state, environments: { ...state.environments, [environmentId]: placement } };
}

function withoutEnvironment(state: FunctionState, environmentId: EnvironmentId): FunctionState {
  const { [environmentId]: _, ...environments } = state.environments;
  return { ...state, environments };
}
