import type { HttpResponse } from "../platform/http-message.ts";
import { headers } from "../protocol/headers.ts";
import { type Invocation, RuntimeApiError } from "./runtime-api.ts";

/** Reads the answer of `next`. Only the request id is indispensable: without it nothing can be answered. */
export function readInvocation(response: HttpResponse): Invocation {
  const requestId = received.requestId(response);
  if (requestId === undefined)
    throw new RuntimeApiError("NO_REQUEST_ID", "Cannot take the invocation: the Runtime API sent no request id");
  const invokedFunctionArn = received.invokedFunctionArn(response) ?? "";
  const invocation: Writable<Invocation> = { requestId, event: response.body, invokedFunctionArn };
  const deadlineEpochMs = epochMs(received.deadlineMs(response));
  if (deadlineEpochMs !== undefined) invocation.deadlineEpochMs = deadlineEpochMs;
  const traceId = received.traceId(response);
  if (traceId !== undefined) invocation.traceId = traceId;
  const clientContext = received.clientContext(response);
  if (clientContext !== undefined) invocation.clientContext = clientContext;
  const cognitoIdentity = received.cognitoIdentity(response);
  if (cognitoIdentity !== undefined) invocation.cognitoIdentity = cognitoIdentity;
  const tenantId = received.tenantId(response);
  if (tenantId !== undefined) invocation.tenantId = tenantId;
  return invocation;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The text of each header of an invocation. Some platforms send every header and leave it empty: that means absent. */
export const received = {
  requestId: textOf(headers.requestId),
  invocationId: textOf(headers.invocationId),
  invokedFunctionArn: textOf(headers.invokedFunctionArn),
  deadlineMs: textOf(headers.deadlineMs),
  traceId: textOf(headers.traceId),
  clientContext: textOf(headers.clientContext),
  cognitoIdentity: textOf(headers.cognitoIdentity),
  tenantId: textOf(headers.tenantId),
} as const;

function textOf(name: string): (response: HttpResponse) => string | undefined {
  const key = name.toLowerCase();
  return (response) => {
    const bytes = response.headers.get(key);
    if (bytes === undefined || bytes === "") return undefined;
    // Values are raw bytes, and a client context may hold UTF-8.
    return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
  };
}

function epochMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
