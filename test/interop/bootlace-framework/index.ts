/** The fixture's handlers in TypeScript. docs/CONFORMANCE.md says what each operation means. */
import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Context, InvocationHandler } from "bootlace";

interface Operation {
  readonly op?: string;
  readonly [field: string]: unknown;
}

type Act = (event: Operation, context: Context) => unknown;

const operations: Readonly<Record<string, Act>> = {
  echo: (event) => event,
  ctx: (_event, context) => ({
    requestId: context.awsRequestId,
    functionArn: context.invokedFunctionArn,
    functionName: context.functionName,
    functionVersion: context.functionVersion,
    memoryMb: String(context.memoryLimitInMB),
    logGroupName: context.logGroupName,
    logStreamName: context.logStreamName,
    remainingMs: context.getRemainingTimeInMillis(),
    traceId: process.env._X_AMZN_TRACE_ID ?? null,
    clientCustom: field(context.clientContext, "custom"),
    clientEnv: field(context.clientContext, "env"),
    identityId: field(context.identity, "cognitoIdentityId"),
    identityPoolId: field(context.identity, "cognitoIdentityPoolId"),
    tenantId: context.tenantId ?? null,
  }),
  throw: () => {
    throw new Error("thrown on purpose");
  },
  "throw-async": async () => {
    await pause(5);
    throw new Error("thrown on purpose, later");
  },
  "throw-custom": ({ name, message }) => {
    throw Object.assign(new Error(String(message)), { name });
  },
  "throw-value": ({ value }) => {
    throw value;
  },
  "throw-unprintable": () => {
    throw unprintable();
  },
  "reject-later": async () => {
    void Promise.reject(new Error("rejected where nobody waits"));
    await pause(200);
    return "survived";
  },
  null: () => null,
  unserialisable: () => {
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    return circle;
  },
  big: ({ bytes }) => "a".repeat(Number(bytes) - 2),
  counter: () => {
    count += 1;
    return { count };
  },
  background: ({ ms }) => {
    setTimeout(() => {}, Number(ms));
    return { background: true };
  },
  sleep: ({ ms }) => pause(Number(ms), { slept: ms }),
  recurse: () => deeper(0),
  child: () => {
    spawn("sleep", ["8"], { stdio: "ignore", detached: true }).unref();
    return { child: true };
  },
  fill: async ({ mb, ms }) => {
    const held = Buffer.alloc(Number(mb) * 1_048_576, 1);
    await pause(Number(ms));
    return { held: held.length };
  },
  hang: async () => {
    for (;;) await pause(1_000);
  },
  exit: ({ code }) => process.exit(Number(code)),
  log: ({ lines }) => {
    for (let line = 1; line <= Number(lines); line += 1) console.log(`conformance line ${line}`);
    return { lines };
  },
  "stdout-partial": () => {
    process.stdout.write("conformance fragment");
    return { written: true };
  },
};

let count = 0;

/** An event without an "op" is echoed. */
export async function handler(event: Operation | null, context: Context): Promise<unknown> {
  const { op = "echo" } = Object(event);
  const act = operations[op];
  if (act === undefined) throw new Error(`There is no operation "${op}"`);
  // as: only echo is called with what is no operation, and it gives back whatever it gets.
  return act(event as Operation, context);
}

/** Streams without a framework of its own: a response is a content type and pieces. */
export const stream: InvocationHandler = async ({ event }) => {
  const operation: Operation = JSON.parse(Buffer.from(event).toString());
  const contentType = String(operation.contentType ?? "application/octet-stream");
  if (operation.op === "stream-error-before") throw new Error("thrown before the first byte");
  if (operation.op === "stream-error-mid") return { contentType, body: breaking() };
  if (operation.op === "stream-type") return { contentType, body: pieces(["typed"], 0) };
  if (operation.op === "stream-large") return { contentType, body: large(Number(operation.mib)) };
  const texts = Array.from({ length: Number(operation.chunks) }, (_, index) => `chunk ${index + 1},`);
  return { contentType, body: pieces(texts, Number(operation.delay)) };
};

async function* pieces(texts: readonly string[], delayMs: number): AsyncGenerator<Uint8Array> {
  for (const [index, text] of texts.entries()) {
    if (index > 0) await pause(delayMs);
    yield Buffer.from(text);
  }
}

async function* large(mib: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(1_048_576, "a");
  for (let written = 1; written <= mib; written += 1) {
    yield piece;
    console.log(`conformance wrote ${written}`);
  }
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("the first bytes");
  await pause(50);
  throw new Error("thrown after the first bytes");
}

function deeper(depth: number): number {
  return 1 + deeper(depth + 1);
}

/** Nothing can be read from it without another error. */
function unprintable(): Error {
  const refuse = () => {
    throw new Error("this cannot be written");
  };
  return Object.defineProperties(new Error("unprintable"), {
    message: { get: refuse },
    toJSON: { value: refuse },
    cause: { get: refuse, enumerable: true },
  });
}

function field(holder: unknown, name: string): unknown {
  return Object(holder)[name] ?? null;
}
