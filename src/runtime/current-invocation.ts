import { AsyncLocalStorage } from "node:async_hooks";
import type { Invocation } from "./runtime-api.ts";

/** What code that runs on behalf of an invocation can ask for without being handed a context. */
export interface CurrentInvocation {
  readonly requestId: string;
  readonly traceId: string | undefined;
  readonly tenantId: string | undefined;
}

/** The names under which `@aws/lambda-invoke-store`, and with it AWS's SDK and Powertools, keep the same three. */
const keys = {
  requestId: Symbol.for("_AWS_LAMBDA_REQUEST_ID"),
  traceId: Symbol.for("_AWS_LAMBDA_X_RAY_TRACE_ID"),
  tenantId: Symbol.for("_AWS_LAMBDA_TENANT_ID"),
} as const;

type Scope = Record<string | symbol, unknown>;

/** A function may bring a copy of this package: all copies in one process share one storage. */
const shared = Symbol.for("bootlace.invocations");
// as: only this line writes there.
const home = globalThis as { [shared]?: AsyncLocalStorage<Scope> };
home[shared] ??= new AsyncLocalStorage<Scope>();
const scopes = home[shared];

/** The invocation on whose behalf this code runs, also with several at once; undefined during init. */
export function currentInvocation(): CurrentInvocation | undefined {
  const scope = scopes.getStore();
  if (scope === undefined) return undefined;
  return {
    requestId: String(scope[keys.requestId]),
    traceId: text(scope[keys.traceId]),
    tenantId: text(scope[keys.tenantId]),
  };
}

/** Runs `work`, and whatever it starts, on behalf of an invocation. */
export function onBehalfOf<T>({ requestId, traceId, tenantId }: Invocation, work: () => T): T {
  return scopes.run({ [keys.requestId]: requestId, [keys.traceId]: traceId, [keys.tenantId]: tenantId }, work);
}

/** What AWS's own client leaves at `awslambda.InvokeStore`, for libraries that look there. */
export const invokeStore = {
  getContext: () => scopes.getStore(),
  hasContext: () => scopes.getStore() !== undefined,
  get: (key: string | symbol) => scopes.getStore()?.[key],
  set(key: string | symbol, value: unknown): void {
    if (Object.values<string | symbol>(keys).includes(key))
      throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`);
    const scope = scopes.getStore();
    if (scope === undefined) throw new Error("No context available");
    scope[key] = value;
  },
  run: <T>(scope: Scope, work: () => T): T => scopes.run(scope, work),
  getRequestId: () => scopes.getStore()?.[keys.requestId] ?? "-",
  getXRayTraceId: () => scopes.getStore()?.[keys.traceId],
  getTenantId: () => scopes.getStore()?.[keys.tenantId],
} as const;

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
