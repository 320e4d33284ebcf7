/** The requests that cases speak of. Written out here, and never taken from the wire's own constants. */

export const next = { method: "GET", path: "/2018-06-01/runtime/invocation/next" } as const;
export const initError = { method: "POST", path: "/2018-06-01/runtime/init/error" } as const;
export const register = { method: "POST", path: "/2020-01-01/extension/register" } as const;
export const eventNext = { method: "GET", path: "/2020-01-01/extension/event/next" } as const;
export const extensionInitError = { method: "POST", path: "/2020-01-01/extension/init/error" } as const;
export const extensionExitError = { method: "POST", path: "/2020-01-01/extension/exit/error" } as const;

export const telemetry = { method: "PUT", path: "/2022-07-01/telemetry" } as const;
export const logs = { method: "PUT", path: "/2020-08-15/logs" } as const;
export const restoreNext = { method: "GET", path: "/2018-06-01/runtime/restore/next" } as const;
export const restoreError = { method: "POST", path: "/2018-06-01/runtime/restore/error" } as const;

export function responseTo(requestId: string) {
  return { method: "POST", path: `/2018-06-01/runtime/invocation/${requestId}/response` } as const;
}

export function errorOf(requestId: string) {
  return { method: "POST", path: `/2018-06-01/runtime/invocation/${requestId}/error` } as const;
}
