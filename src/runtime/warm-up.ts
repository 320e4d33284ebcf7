/**
 * What the engine runs at build time: loads a function as `bootstrap` does, answers sample events with it, and writes
 * the code that V8 has compiled by then, or says what the function has required. The job is the one argument, as JSON.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CompiledModule,
  codeCacheBytes,
  codeCacheFile,
  codeCacheFits,
  watchCode,
} from "../platform/code-cache.ts";
import { Module } from "../platform/node-module.ts";
import { installAwsLambdaGlobal } from "./awslambda-global.ts";
import { onBehalfOf } from "./current-invocation.ts";
import { functionHandler } from "./function-handler.ts";
import { loadFunction } from "./load-function.ts";
import { isRawHandler } from "./raw-handler.ts";
import type { Invocation, InvocationHandler } from "./runtime-api.ts";
import { isStreamingHandler, streamingFunctionHandler } from "./streaming-handler.ts";
import { traceEnvironment } from "./trace-environment.ts";

/** What to run. `LAMBDA_TASK_ROOT` and `_HANDLER` name the function, as everywhere. */
export type WarmUpJob =
  | (Invocations & { readonly do: "warm-up" | "observe" })
  | { readonly do: "check"; readonly file: string };

interface Invocations {
  /** The CommonJS file, in the task root. */
  readonly file: string;
  /** Files with one event each. */
  readonly events: readonly string[];
  readonly timesEach: number;
  readonly invocationTimeoutMs: number;
  readonly resultFile: string;
}

/** What came of it. A failure of the function is told and spoils nothing: what ran until then is compiled. */
export interface WarmUpResult {
  readonly invocations: number;
  /** Each invocation has ended, well or badly. */
  readonly isWhole: boolean;
  readonly failures: readonly string[];
  /** The modules of Node that the file has required, as it names them; of an observation. */
  readonly required: readonly string[];
}

type Run = Exclude<WarmUpJob, { do: "check" }>;

// as: only the build of functions starts this program.
const job = JSON.parse(process.argv[2] ?? "{}") as WarmUpJob;
const taskRoot = process.env.LAMBDA_TASK_ROOT ?? ".";

if (job.do === "check") process.exitCode = codeCacheFits(join(taskRoot, job.file)) ? 0 : 1;
else void run(job, job.do === "warm-up" ? keepCode(job.file) : observe(job.file));

/** Is asked when the process ends. */
type Finding = () => Pick<WarmUpResult, "required">;

function keepCode(name: string): Finding {
  const file = join(taskRoot, name);
  let code: CompiledModule | undefined;
  watchCode(file, (module) => {
    code = module;
  });
  return () => {
    if (code !== undefined) writeFileSync(codeCacheFile(file), codeCacheBytes(code.source, code.createCachedData()));
    return { required: [] };
  };
}

function observe(name: string): Finding {
  const file = realpathSync(join(taskRoot, name));
  const required = new Set<string>();
  const original = Module.prototype.require;
  Module.prototype.require = function (this: NodeJS.Module, id: string) {
    if (this.filename === file && Module.isBuiltin(id)) required.add(id);
    return Reflect.apply(original, this, [id]);
  };
  return () => ({ required: [...required] });
}

async function run(job: Run, finding: Finding): Promise<void> {
  const failures: string[] = [];
  let invocations = 0;
  let isWhole = false;
  // However the process ends: functions call `process.exit`, and what waits for nothing ends by itself.
  process.on("exit", () => {
    const result: WarmUpResult = { invocations, isWhole, failures, ...finding() };
    writeFileSync(job.resultFile, JSON.stringify(result));
  });
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error) => {
      failures.push(sentence("the function", error));
      process.exit();
    });
  try {
    const handler = await invocationHandler();
    for (const event of job.events)
      for (let time = 0; time < job.timesEach; time += 1) {
        invocations += 1;
        await invoked(handler, event, job.invocationTimeoutMs).catch((error) => failures.push(sentence(event, error)));
      }
    isWhole = true;
  } catch (error) {
    failures.push(sentence("its initialisation", error));
  }
  process.exit();
}

async function invocationHandler(): Promise<InvocationHandler> {
  installAwsLambdaGlobal(process.env);
  const loaded = await loadFunction(process.env);
  const handler = isRawHandler(loaded)
    ? loaded
    : isStreamingHandler(loaded)
      ? streamingFunctionHandler(loaded)
      : functionHandler(loaded);
  return traceEnvironment(process.env)(handler);
}

async function invoked(handler: InvocationHandler, eventFile: string, timeoutMs: number): Promise<void> {
  const invocation: Invocation = {
    requestId: randomUUID(),
    event: readFileSync(eventFile),
    invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:123456789012:function:build`,
    deadlineEpochMs: Date.now() + timeoutMs,
    // Sampled, so that what sends traces runs as well; there is no network that they could leave by.
    traceId: "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=1",
  };
  await onBehalfOf(invocation, () => within(timeoutMs, answered(handler, invocation)));
}

async function answered(handler: InvocationHandler, invocation: Invocation): Promise<void> {
  const response = await handler(invocation);
  if (typeof response === "string" || response instanceof Uint8Array) return;
  for await (const _ of response.body);
  await response.done;
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    // As on Lambda, a function for which nothing is left to do is seen to be stuck.
    timer.unref();
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sentence(what: string, error: unknown): string {
  return `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
