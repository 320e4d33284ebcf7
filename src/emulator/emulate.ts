import { randomUUID } from "node:crypto";
import { functionArn } from "../protocol/arn.ts";
import { type FunctionOptions, LambdaFunction, type PlacedInvocation } from "./lambda-function.ts";

/** An emulated function for tests: `await using lambda = await emulate({ task: "dist" })`. */
export interface Emulated extends AsyncDisposable {
  /** The function behind it, with its environments. */
  readonly lambda: LambdaFunction;
  /** Invokes with a JSON value, or with bytes as they are; a function error is part of the result. */
  invoke(event: unknown): Promise<EmulatedResult>;
  close(): Promise<void>;
}

export interface EmulatedResult extends PlacedInvocation {
  readonly requestId: string;
  /** The payload as JSON, or undefined where it is none. */
  json(): unknown;
}

export async function emulate(options: FunctionOptions): Promise<Emulated> {
  const lambda = await LambdaFunction.create(options);
  const close = () => lambda.close();
  return { lambda, close, invoke: (event) => invoke(lambda, event), [Symbol.asyncDispose]: close };
}

async function invoke(lambda: LambdaFunction, event: unknown): Promise<EmulatedResult> {
  const requestId = randomUUID();
  const placed = await lambda.invoke({
    requestId,
    invocationId: randomUUID(),
    event: event instanceof Uint8Array ? event : Buffer.from(JSON.stringify(event)),
    invokedFunctionArn: functionArn(lambda.configuration),
  });
  return { ...placed, requestId, json: () => parsed(placed.payload) };
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString());
  } catch {
    return undefined;
  }
}
