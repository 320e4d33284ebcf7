/** The Lambda API in front of the execution environments: Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { headers } from "../../protocol/headers.ts";
import { paths } from "../../protocol/paths.ts";
import { latestVersion } from "../function-configuration.ts";
import { FunctionClosedError, InvocationRefusedError, type PlacedInvocation, ThrottledError } from "../invocation.ts";
import type { Invocable } from "../lambda-function.ts";
import type { TakeStream } from "../response-stream.ts";
import type { Exchange } from "./exchange.ts";
import { invokedArn } from "./function-address.ts";
import { type InvokeRequest, readInvokeRequest, requestIdOf } from "./invoke-request.ts";
import type { Route } from "./server.ts";
import { answerServiceError, closing, refused, type ServiceError, throttled } from "./service-error.ts";
import { StreamedAnswer } from "./streamed-answer.ts";

/** Routes for one function. */
export function invokeApi(lambda: Invocable): readonly Route[] {
  return [
    {
      method: "POST",
      path: paths.invokeWithResponseStream(":functionName"),
      handle: (exchange, { functionName = "" }) => invokeStreamed(lambda, exchange, functionName),
    },
    {
      method: "POST",
      path: paths.invoke(":functionName"),
      handle: (exchange, { functionName = "" }) => invoke(lambda, exchange, functionName),
    },
  ];
}

async function invoke(lambda: Invocable, exchange: Exchange, functionName: string): Promise<void> {
  const requestId = requestIdOf(exchange);
  const request = await read(lambda, exchange, functionName, requestId);
  if ("status" in request) return answerServiceError(exchange, request, requestId);
  if (request.type === "DryRun") return exchange.answer(204, executed(requestId), "");
  if (request.type === "Event") {
    exchange.answer(202, { [headers.amznRequestId]: requestId }, "");
    // Tried once: there is no event queue behind this emulator, and the caller has its answer.
    return void run(lambda, request);
  }
  const outcome = await run(lambda, request);
  if ("status" in outcome) return answerServiceError(exchange, outcome, requestId);
  await answer(exchange, request, outcome);
}

/** As `invoke`, with the response in event-stream messages from its first byte on. Any type but DryRun is run at once. */
async function invokeStreamed(lambda: Invocable, exchange: Exchange, functionName: string): Promise<void> {
  const requestId = requestIdOf(exchange);
  const request = await read(lambda, exchange, functionName, requestId);
  if ("status" in request) return answerServiceError(exchange, request, requestId);
  if (request.type === "DryRun") return exchange.answer(204, executed(requestId), "");
  const answer = new StreamedAnswer(exchange, {
    ...executed(requestId),
    [headers.amznTraceId]: request.invocation.traceId ?? "",
  });
  const outcome = await run(lambda, request, (stream) => answer.stream(stream));
  if ("status" in outcome) return answerServiceError(exchange, outcome, requestId);
  await answer.end(outcome, request.tail);
}

async function read(
  lambda: Invocable,
  exchange: Exchange,
  functionName: string,
  requestId: string,
): Promise<InvokeRequest | ServiceError> {
  const { configuration } = lambda;
  const addressed = invokedArn(configuration, functionName, qualifierOf(exchange));
  if (typeof addressed !== "string") return addressed;
  return readInvokeRequest(exchange, requestId, addressed, configuration.tenantIsolationMode);
}

async function run(
  lambda: Invocable,
  request: InvokeRequest,
  streamed?: TakeStream,
): Promise<PlacedInvocation | ServiceError> {
  try {
    return await lambda.invoke(request.invocation, streamed);
  } catch (error) {
    if (error instanceof ThrottledError) return throttled(error.reason);
    if (error instanceof InvocationRefusedError) return refused(error);
    if (error instanceof FunctionClosedError) return closing();
    throw error;
  }
}

/** With a log tail the answer waits for the end of the Invoke phase, so that END and REPORT are in it. */
async function answer(exchange: Exchange, request: InvokeRequest, placed: PlacedInvocation): Promise<void> {
  const { functionError } = placed;
  const tail = request.tail ? { [headers.logResult]: (await placed.logTail).toString("base64") } : {};
  const { requestId, traceId = "" } = request.invocation;
  exchange.answer(
    200,
    {
      "Content-Type": "application/json",
      ...executed(requestId),
      [headers.amznTraceId]: traceId,
      ...(functionError === undefined ? {} : { [headers.functionError]: functionError }),
      ...tail,
    },
    placed.payload,
  );
}

function executed(requestId: string): Readonly<Record<string, string>> {
  return { [headers.amznRequestId]: requestId, [headers.executedVersion]: latestVersion };
}

function qualifierOf(exchange: Exchange): string | undefined {
  return new URLSearchParams(exchange.target.split("?")[1] ?? "").get("Qualifier") ?? undefined;
}
