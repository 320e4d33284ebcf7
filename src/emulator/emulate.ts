import { randomUUID } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, linkSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TemporaryFolder, temporaryFolder } from "../platform/temporary-folder.ts";
import { functionArn } from "../protocol/arn.ts";
import type { ExecutionEnvironment } from "./execution-environment.ts";
import { MissingCodeError } from "./folders.ts";
import type { FunctionOptions } from "./function-options.ts";
import type { PlacedInvocation } from "./invocation.ts";
import { type Journal, journalOf } from "./journal.ts";
import { LambdaFunction } from "./lambda-function.ts";
import type { ResponseStream } from "./response-stream.ts";
import type { LostWork } from "./supervisor/lost-work.ts";

export interface EmulateOptions extends FunctionOptions {
  /** A program to be the runtime, in place of one that the function's folder or a layer brings. */
  readonly bootstrap?: string;
}

/** An emulated function for tests: `await using lambda = await emulate({ task: "dist" })`. */
export interface Emulated extends AsyncDisposable {
  /** The function behind it. */
  readonly lambda: LambdaFunction;
  /** Invokes with a JSON value, or with bytes as they are; a function error is part of the result. */
  invoke(event: unknown, asked?: InvokeOptions): Promise<EmulatedResult>;
  /** As `invoke`, but resolves at the first byte of a response that the runtime streams. */
  stream(event: unknown, asked?: InvokeOptions): Promise<EmulatedStream>;
  /** The environments that exist, oldest first. */
  environments(): Promise<readonly ExecutionEnvironment[]>;
  /** What has happened in each environment so far, oldest first: inputs and faults. */
  journals(): Promise<readonly Journal[]>;
  /** What freezes have interrupted in each environment so far, once they have settled. */
  lostWork(): Promise<readonly LostWork[]>;
  /** Stops every process where it is, as between invocations; an invocation in hand stands still and its time runs on. */
  freeze(): Promise<void>;
  /** Lets every process go on, as an invocation would. */
  thaw(): Promise<void>;
  /** Shuts down as Lambda does, reason `spindown`; resolves when no process is left. */
  close(): Promise<void>;
}

/** What a caller may say besides the event. */
export interface InvokeOptions {
  /** An object for `context.clientContext`. */
  readonly clientContext?: object;
  /** For a function with `tenantIsolationMode`. */
  readonly tenantId?: string;
  /** The value of `X-Amzn-Trace-Id`. */
  readonly traceId?: string;
}

export interface EmulatedResult extends PlacedInvocation {
  readonly requestId: string;
  /** The payload as JSON, or undefined where it is none. */
  json(): unknown;
}

export interface EmulatedStream extends ResponseStream {
  /** How it ended: a response that was streamed has no payload here, unless it failed. */
  readonly ended: Promise<EmulatedResult>;
}

/** Resolves when the function can be invoked, and its provisioned environments have initialised. */
export async function emulate({ bootstrap, ...options }: EmulateOptions): Promise<Emulated> {
  const own = bootstrap === undefined ? undefined : layerOf(bootstrap, options.task);
  try {
    const lambda = await LambdaFunction.create({
      ...options,
      layers: [...(options.layers ?? []), ...(own === undefined ? [] : [own.path])],
    });
    await lambda.provisioned();
    return emulated(lambda, () => own?.remove());
  } catch (error) {
    own?.remove();
    throw error;
  }
}

function emulated(lambda: LambdaFunction, remove: () => void): Emulated {
  const close = () => lambda.close().finally(remove);
  const environments = () => lambda.environments();
  return {
    lambda,
    close,
    environments,
    invoke: (event, asked) => invoke(lambda, event, asked),
    stream: (event, asked) => stream(lambda, event, asked),
    journals: async () => (await environments()).map(journalOf),
    lostWork: async () =>
      (await Promise.all((await environments()).map((environment) => environment.lostWork()))).flat(),
    freeze: async () => {
      for (const environment of await environments()) await environment.freeze();
    },
    thaw: async () => {
      for (const environment of await environments()) environment.thaw();
    },
    [Symbol.asyncDispose]: close,
  };
}

async function invoke(
  lambda: LambdaFunction,
  event: unknown,
  asked: InvokeOptions | undefined,
): Promise<EmulatedResult> {
  const invocation = invocationOf(lambda, event, asked);
  return resultOf(invocation.requestId, await lambda.invoke(invocation));
}

async function stream(
  lambda: LambdaFunction,
  event: unknown,
  asked: InvokeOptions | undefined,
): Promise<EmulatedStream> {
  const invocation = invocationOf(lambda, event, asked);
  const begun = Promise.withResolvers<ResponseStream | undefined>();
  const ended = lambda.invoke(invocation, begun.resolve).then((placed) => resultOf(invocation.requestId, placed));
  ended.then(() => begun.resolve(undefined), begun.reject);
  const streamed = await begun.promise;
  if (streamed !== undefined) return { ...streamed, ended };
  return { contentType: "application/json", body: Readable.from([(await ended).payload]), ended };
}

function invocationOf(lambda: LambdaFunction, event: unknown, asked: InvokeOptions = {}) {
  const { clientContext, tenantId, traceId } = asked;
  return {
    requestId: randomUUID(),
    invocationId: randomUUID(),
    event: event instanceof Uint8Array ? event : Buffer.from(JSON.stringify(event) ?? "null"),
    invokedFunctionArn: functionArn(lambda.configuration),
    ...(clientContext === undefined ? {} : { clientContext: asciiJson(clientContext) }),
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

function resultOf(requestId: string, placed: PlacedInvocation): EmulatedResult {
  return { ...placed, requestId, json: () => parsed(placed.payload) };
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString());
  } catch {
    return undefined;
  }
}

/** It travels in a header. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A folder with nothing but the program, under the name that Lambda looks for. */
function layerOf(bootstrap: string, task: string | undefined): TemporaryFolder {
  if (!existsSync(bootstrap) || !statSync(bootstrap).isFile())
    throw new MissingCodeError(`The bootstrap "${bootstrap}" is no file`);
  if (task !== undefined && existsSync(join(task, "bootstrap")))
    throw new MissingCodeError(`The function "${task}" has a bootstrap already: leave out "bootstrap", or that file`);
  const folder = temporaryFolder("bootlace-bootstrap-");
  const name = join(folder.path, "bootstrap");
  try {
    linkSync(bootstrap, name);
  } catch {
    copyFileSync(bootstrap, name);
    chmodSync(name, statSync(bootstrap).mode);
  }
  return folder;
}
