/** Errors of the Lambda API, as real answers have them: some say `Message`, some `message`. */
import type { InvocationRefusedError } from "../invocation.ts";
import type { Exchange } from "./exchange.ts";

export interface ServiceError {
  readonly status: number;
  readonly type: string;
  readonly body: Readonly<Record<string, string>>;
}

export function answerServiceError(exchange: Exchange, error: ServiceError, requestId: string): void {
  const headers = { "Content-Type": "application/json", "X-Amzn-RequestId": requestId, "X-Amzn-ErrorType": error.type };
  exchange.answer(error.status, headers, JSON.stringify(error.body));
}

export function functionNotFound(arn: string): ServiceError {
  const body = { Message: `Function not found: ${arn}`, Type: "User" };
  return { status: 404, type: "ResourceNotFoundException", body };
}

export function wrongRegion(asked: string, region: string): ServiceError {
  const Message = `Functions from '${asked}' are not reachable in this region ('${region}')`;
  return { status: 404, type: "ResourceNotFoundException", body: { Message, Type: "User" } };
}

/** The service's own list of what is wrong with the parameters. */
export function validationFailed(problems: readonly string[]): ServiceError {
  const detected = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
  const message = `${detected} detected: ${problems.join("; ")}`;
  return { status: 400, type: "ValidationException", body: { message } };
}

/** What the SDKs turn into an error that names the operation, instead of one about a body that is no JSON. */
export function unknownOperation(method: string, path: string): ServiceError {
  const message = `This Lambda API has one operation, Invoke, and "${method} ${path}" is not it`;
  return { status: 404, type: "UnknownOperationException", body: { message } };
}

/** The text before the parser's own is Lambda's; behind it stands what our parser says. */
export function invalidRequestContent(parserText: string): ServiceError {
  return invalidContent(`Could not parse request body into json: Could not parse payload into json: ${parserText}`);
}

export function invalidClientContext(): ServiceError {
  return invalidContent("Client context must be a valid Base64-encoded JSON object.");
}

function invalidContent(message: string): ServiceError {
  return { status: 400, type: "InvalidRequestContentException", body: { Type: "User", message } };
}

export function invalidParameter(message: string): ServiceError {
  return { status: 400, type: "InvalidParameterValueException", body: { Type: "User", message } };
}

export function eventTooLarge(bytesMax: number): ServiceError {
  const Message = `Request must be smaller than ${bytesMax} bytes for the InvokeFunction operation`;
  return { status: 413, type: "RequestEntityTooLargeException", body: { Message } };
}

export function throttled(reason: string): ServiceError {
  const body = { Reason: reason, Type: "User", message: "Rate Exceeded." };
  return { status: 429, type: "TooManyRequestsException", body };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html; RIE-LMI answers the last with 400. */
export function refused({ refusal, message }: InvocationRefusedError): ServiceError {
  const statuses = { SnapStartException: 400, SnapStartTimeoutException: 408, "Runtime.Unavailable": 400 } as const;
  return { status: statuses[refusal], type: refusal, body: { Message: message, Type: "User" } };
}

/** The environment this runs in is going away, which on AWS is the service's own trouble. */
export function closing(): ServiceError {
  const body = { Message: "The emulator is shutting down", Type: "Service" };
  return { status: 500, type: "ServiceException", body };
}

export function accessDenied(message: string): ServiceError {
  return { status: 403, type: "AccessDeniedException", body: { Message: message } };
}
