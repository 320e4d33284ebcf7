/** The requests that cases speak of. Written out here, and never taken from the wire's own constants. */

export const next = { method: "GET", path: "/2018-06-01/runtime/invocation/next" } as const;
export const initError = { method: "POST", path: "/2018-06-01/runtime/init/error" } as const;

export function responseTo(requestId: string) {
  return { method: "POST", path: `/2018-06-01/runtime/invocation/${requestId}/response` } as const;
}

export function errorOf(requestId: string) {
  return { method: "POST", path: `/2018-06-01/runtime/invocation/${requestId}/error` } as const;
}
