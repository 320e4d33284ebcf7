import { invariant } from "../../protocol/unreachable.ts";
import type { FunctionState } from "./model.ts";

/** Throws when a promise of placement is broken; that is a bug of ours. */
export function checkFunctionInvariants(state: FunctionState): void {
  const ids = Object.keys(state.environments).map(Number);
  invariant(ids.length <= state.settings.environmentsMax, "a function has no more environments than its concurrency");
  invariant(
    ids.every((id) => id <= state.lastId),
    "an environment's id is never used twice",
  );
  for (const environment of Object.values(state.environments)) {
    if (environment.at !== "open") continue;
    const { slots, idle, provisioned } = environment;
    invariant(slots >= 0 && slots <= state.settings.invocationsMax, "an environment has as many slots as it can have");
    invariant(!(idle && provisioned), "a provisioned environment is never reclaimed");
  }
  invariant(
    Object.keys(state.tenants).every((id) => state.environments[Number(id)] !== undefined),
    "a tenant's environment is one that exists",
  );
}
