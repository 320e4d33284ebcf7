import type { HttpResponse } from "../platform/http-message.ts";
import { headers } from "../protocol/headers.ts";
import { type Invocation, RuntimeApiError } from "./runtime-api.ts";

/** Reads the answer of `next`. Only the request id is indispensable: without it nothing can be answered. */
export function readInvocation(response: HttpResponse): Invocation {
  const requestId = receivedHeader(response, headers.requestId);
  if (requestId === undefined)
    throw new RuntimeApiError("NO_REQUEST_ID", "Cannot take the invocation: the Runtime API sent no request id");
  return {
    requestId,
    event: response.body,
    invokedFunctionArn: receivedHeader(response, headers.invokedFunctionArn) ?? "",
    ...present("deadlineEpochMs", epochMs(receivedHeader(response, headers.deadlineMs))),
    ...present("traceId", receivedHeader(response, headers.traceId)),
    ...present("clientContext", receivedHeader(response, headers.clientContext)),
    ...present("cognitoIdentity", receivedHeader(response, headers.cognitoIdentity)),
    ...present("tenantId", receivedHeader(response, headers.tenantId)),
  };
}

/** A header's text. Some platforms send every header and leave it empty: that means absent. */
export function receivedHeader(response: HttpResponse, name: string): string | undefined {
  const bytes = response.headers.get(name.toLowerCase());
  if (bytes === undefined || bytes === "") return undefined;
  // Values are raw bytes, and a client context may hold UTF-8.
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

function epochMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // as: a computed key widens to an index signature.
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
