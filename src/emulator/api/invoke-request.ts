/** What a caller of the Invoke API asks for, or why it is refused. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { randomUUID } from "node:crypto";
import { headers } from "../../protocol/headers.ts";
import { limits } from "../../protocol/limits.ts";
import type { FunctionConfiguration } from "../function-configuration.ts";
import type { AcceptedInvocation } from "../invocation.ts";
import type { Exchange } from "./exchange.ts";
import {
  eventTooLarge,
  invalidClientContext,
  invalidParameter,
  invalidRequestContent,
  type ServiceError,
  validationFailed,
} from "./service-error.ts";
import { traceIdOf } from "./trace-id.ts";

export interface InvokeRequest {
  readonly type: "RequestResponse" | "Event" | "DryRun";
  readonly tail: boolean;
  readonly invocation: AcceptedInvocation;
}

/** Reads the request. `requestId` is the caller's own, where it sent a usable one. */
export async function readInvokeRequest(
  exchange: Exchange,
  requestId: string,
  invokedFunctionArn: string,
  tenantIsolationMode: FunctionConfiguration["tenantIsolationMode"],
): Promise<InvokeRequest | ServiceError> {
  const body = await exchange.readBody();
  if (body.ending === "oversize" || body.bytes.length > limits.eventBytesMax)
    return eventTooLarge(limits.eventBytesMax);
  if (body.ending === "truncated") return invalidRequestContent("the request ended before its body did");
  const problem = jsonProblem(body.bytes);
  if (problem !== undefined) return invalidRequestContent(problem);
  const type = exchange.header(headers.invocationType) ?? "RequestResponse";
  if (type !== "RequestResponse" && type !== "Event" && type !== "DryRun") {
    return invalidParameter(`${type} is not a valid value for the header ${headers.invocationType}`);
  }
  if (type === "Event" && body.bytes.length > limits.asyncEventBytesMax)
    return eventTooLarge(limits.asyncEventBytesMax);
  const clientContext = clientContextOf(exchange);
  if (typeof clientContext === "object") return clientContext;
  const tenantId = exchange.header(headers.invokeTenantId);
  const tenantProblem = tenantProblemOf(tenantId, tenantIsolationMode);
  if (tenantProblem !== undefined) return tenantProblem;
  const invocation: AcceptedInvocation = {
    requestId,
    invocationId: randomUUID(),
    event: body.bytes.length === 0 ? Buffer.from("{}") : body.bytes,
    invokedFunctionArn,
    traceId: traceIdOf(exchange),
    ...(clientContext === undefined || type === "Event" ? {} : { clientContext }),
    ...(tenantId === undefined ? {} : { tenantId }),
  };
  return { type, tail: exchange.header(headers.logType) === "Tail", invocation };
}

/** As the service prints it. https://docs.aws.amazon.com/lambda/latest/api/API_ChainedInvokeOptions.html */
export const tenantIdPattern = "[a-zA-Z0-9\\._:\\/=+\\-@ ]+";

/** A function that keeps its tenants apart has to be told whose an invocation is; no other may be told. DG/tenant-isolation-troubleshooting.html */
function tenantProblemOf(
  tenantId: string | undefined,
  tenantIsolationMode: FunctionConfiguration["tenantIsolationMode"],
): ServiceError | undefined {
  if (tenantId === undefined && tenantIsolationMode === undefined) return undefined;
  if (tenantId === undefined)
    return invalidParameter(
      `The function isolates its tenants: add a tenant id in the header ${headers.invokeTenantId}`,
    );
  if (tenantIsolationMode === undefined)
    return invalidParameter(`The function does not isolate tenants: remove the header ${headers.invokeTenantId}`);
  const value = `Value '${tenantId}' at 'tenantId' failed to satisfy constraint`;
  const { tenantIdCharactersMax } = limits;
  if (tenantId.length > tenantIdCharactersMax)
    return validationFailed([`${value}: Member must have length less than or equal to ${tenantIdCharactersMax}`]);
  if (new RegExp(`^${tenantIdPattern}$`).test(tenantId)) return undefined;
  return validationFailed([`${value}: Member must satisfy regular expression pattern: ${tenantIdPattern}`]);
}

/** The caller's request id when it is one that can stand in a path, else a new one. */
export function requestIdOf(exchange: Exchange): string {
  const given = exchange.header(headers.amznRequestId);
  return given !== undefined && /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/.test(given) ? given : randomUUID();
}

function jsonProblem(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The caller's JSON text as it is, except that what a header cannot carry is escaped, or blank between the values. */
function clientContextOf(exchange: Exchange): string | undefined | ServiceError {
  const encoded = exchange.header(headers.invokeClientContext);
  if (encoded === undefined || encoded === "") return undefined;
  if (encoded.length > limits.clientContextBytesMax) {
    return invalidParameter(
      `Client context must be no more than ${limits.clientContextBytesMax} bytes when base64-encoded.`,
    );
  }
  const json = decodedObject(encoded);
  if (json === undefined) return invalidClientContext();
  // JSON allows control characters between values only, where they mean nothing.
  return json
    .replace(/[\t\n\r]/g, " ")
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function decodedObject(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(base64)) return undefined;
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? json : undefined;
  } catch {
    return undefined;
  }
}
