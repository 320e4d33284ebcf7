import { limits } from "../protocol/limits.ts";
import type { Invocation } from "./runtime-api.ts";

/** The second argument of a handler, as the managed Node.js runtime gives it. */
export interface Context {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** What a mobile SDK sent along; parsed JSON. */
  readonly clientContext?: object;
  readonly identity?: CognitoIdentity;
  readonly tenantId?: string;
  /** As it came; AWS's client shows it since 4.0. */
  readonly xRayTraceId?: string;
  /** Whether the result of a callback waits until the event loop is empty. No other kind of result does. */
  callbackWaitsForEmptyEventLoop: boolean;
  /** Negative once the deadline is over. */
  getRemainingTimeInMillis(): number;
  done(error?: unknown, result?: unknown): void;
  succeed(result?: unknown): void;
  fail(error: unknown): void;
}

/** Who called through Amazon Cognito. */
export interface CognitoIdentity {
  readonly cognitoIdentityId: string;
  readonly cognitoIdentityPoolId: string;
}

/** Variables of the environment that a context shows. */
export type FunctionEnvironment = Readonly<Record<string, string | undefined>>;

type FunctionDescription = Pick<
  Context,
  "functionName" | "functionVersion" | "memoryLimitInMB" | "logGroupName" | "logStreamName"
>;

/** What all contexts of an environment have in common: a look at each variable for each invocation takes its time. */
export function describeFunction(env: FunctionEnvironment): FunctionDescription {
  return {
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? "",
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? "",
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? "",
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? "",
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? "",
  };
}

/** Builds the context of one invocation; `settle` is where `done`, `succeed` and `fail` lead. */
export function createContext(
  invocation: Invocation,
  { functionName, functionVersion, memoryLimitInMB, logGroupName, logStreamName }: FunctionDescription,
  settle: (error: unknown, result?: unknown) => void,
): Context {
  // Without a deadline the longest timeout there is stands in: code that compares or sets timers with it keeps working.
  const deadlineEpochMs = invocation.deadlineEpochMs ?? Date.now() + limits.timeoutMsMax;
  return {
    awsRequestId: invocation.requestId,
    invokedFunctionArn: invocation.invokedFunctionArn,
    functionName,
    functionVersion,
    memoryLimitInMB,
    logGroupName,
    logStreamName,
    ...optional("clientContext", parsedObject("client context", invocation.clientContext)),
    ...optional("identity", parsedObject("Cognito identity", invocation.cognitoIdentity)),
    ...optional("tenantId", invocation.tenantId),
    ...optional("xRayTraceId", invocation.traceId),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineEpochMs - Date.now(),
    done: settle,
    succeed: (result) => settle(undefined, result),
    fail: (error) => settle(error ?? new Error("The function failed without saying why")),
  };
}

const none = {};

function optional(key: string, value: unknown): object {
  return value === undefined ? none : { [key]: value };
}

/** Callers choose these headers, so what is no JSON object is left out: it must not fail the function. */
function parsedObject(what: string, text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below, in one place for both ways to be wrong.
  }
  console.warn(`Left out the ${what} of this invocation: it is no JSON object`);
  return undefined;
}
