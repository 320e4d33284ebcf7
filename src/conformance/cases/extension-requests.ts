/** The requests that cases for extensions speak of. Written out here, and never taken from the wire's own constants. */

export const register = { method: "POST", path: "/2020-01-01/extension/register" } as const;
export const eventNext = { method: "GET", path: "/2020-01-01/extension/event/next" } as const;
export const extensionInitError = { method: "POST", path: "/2020-01-01/extension/init/error" } as const;
export const extensionExitError = { method: "POST", path: "/2020-01-01/extension/exit/error" } as const;
export const subscribe = { method: "PUT", path: "/2022-07-01/telemetry" } as const;
