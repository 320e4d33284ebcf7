import type { Middleware } from "./runtime-api.ts";

/** Sets `_X_AMZN_TRACE_ID` for each invocation and removes it when there is none, so that no trace goes stale. */
export function traceEnvironment(env: NodeJS.ProcessEnv): Middleware {
  return (next) => (invocation) => {
    if (invocation.traceId === undefined) delete env._X_AMZN_TRACE_ID;
    else env._X_AMZN_TRACE_ID = invocation.traceId;
    return next(invocation);
  };
}
