// What handlers do, one export each. Both runtimes run them as they are.

import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

const { streamifyResponse, HttpResponseStream } = globalThis.awslambda;

class OrderError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "OrderError";
    this.order = 7;
  }
}

// Responses
export const echo = async (event) => event;
export const number = async () => 42.5;
export const text = async () => "a \u00e4 \u{1F600} \u2028";
export const emptyText = async () => "";
export const bool = async () => false;
export const nothing = async () => null;
export const undefinedValue = async () => undefined;
export const nan = async () => Number.NaN;
export const list = async () => [undefined, () => 1, Symbol("x"), 1];
export const date = async () => new Date(0);
export const withToJson = async () => ({ toJSON: () => ({ a: 1 }) });
export const map = async () => new Map([["a", 1]]);
export const buffer = async () => Buffer.from("hi");
export const functionValue = async () => () => 1;
export const symbolValue = async () => Symbol("x");
export const deep = async () => JSON.parse(`${"[".repeat(500)}1${"]".repeat(500)}`);
export const large = async () => "x".repeat(100_000);
// biome-ignore lint/suspicious/noThenProperty: promises of other libraries are what is looked at
export const thenable = () => ({ then: (resolve) => resolve({ thenable: true }) });
export const late = async () => sleep(20).then(() => "late");
export const plainValue = () => "plain";
export const plainUndefined = () => undefined;

// Failures
export const throwsAtOnce = () => {
  throw new TypeError("at once");
};
export const throwsError = async () => {
  throw new Error("boom");
};
export const throwsOwn = async () => {
  throw new OrderError("no order");
};
export const throwsCause = async () => {
  throw new Error("outer", { cause: new RangeError("inner") });
};
export const throwsAggregate = async () => {
  throw new AggregateError([new Error("one"), new Error("two")], "several");
};
export const throwsText = async () => {
  throw "a text";
};
export const throwsNumber = async () => {
  throw 7;
};
export const throwsObject = async () => {
  throw { code: "E", message: "an object" };
};
export const throwsNull = async () => {
  throw null;
};
export const throwsUndefined = async () => {
  throw undefined;
};
export const throwsUnicode = async () => {
  throw new Error("\u00e4 \u{1F600} \r\n two lines");
};
export const throwsEmpty = async () => {
  throw new Error("");
};
export const throwsNameless = async () => {
  const error = new Error("nameless");
  error.name = undefined;
  throw error;
};
export const throwsCustomType = async () => {
  throw Object.assign(new Error("typed"), { name: "Function.Mine" });
};
export const throwsAborted = async () => AbortSignal.abort().throwIfAborted();
export const rejects = () => Promise.reject(new SyntaxError("rejected"));
export const throwsObjectAsMessage = async () => {
  throw Object.assign(new RangeError(), { message: { a: 1 } });
};
export const throwsCircle = async () => {
  const error = new Error("outer");
  error.cause = new Error("inner", { cause: error });
  throw error;
};
export const throwsFrozen = async () => {
  throw Object.freeze(new Error("frozen"));
};
export const bigint = async () => 1n;
export const cycle = async () => {
  const a = {};
  a.a = a;
  return a;
};
export const badToJson = async () => ({
  toJSON() {
    throw new Error("no JSON");
  },
});
export const exits = () => process.exit(3);
export const crashes = () =>
  new Promise(() =>
    setImmediate(() => {
      throw new Error("in the background");
    }),
  );
export const rejectsUnheard = () => new Promise(() => void Promise.reject(new Error("unheard")));

export const crashesHeard = async () => {
  process.once("uncaughtException", ({ message }) => console.log("heard", message));
  setImmediate(() => {
    throw new Error("in the background");
  });
  await sleep(50);
};
export const movesAway = async () => {
  const here = mkdtempSync(join(tmpdir(), "parity-"));
  process.chdir(here);
  rmdirSync(here);
  throw new Error("from nowhere");
};
export const replacesPromise = async () => {
  const Native = Promise;
  globalThis.Promise = class {
    // A library's, such as Bluebird's: it has not all that Node's has.
    constructor(executor) {
      // biome-ignore lint/correctness/noConstructorReturn: what is handed out is a promise, and nothing else matters
      return new Native(executor);
    }
  };
};

// Context
export const context = async (_event, context) => ({
  ...context,
  remaining: typeof context.getRemainingTimeInMillis(),
});
export const contextKeys = async (_event, context) => Object.keys(context).sort();
export const remaining = async (_event, context) => Math.round(context.getRemainingTimeInMillis() / 60_000);
export const trace = async () => process.env._X_AMZN_TRACE_ID;
export const store = async () => {
  const { InvokeStore } = globalThis.awslambda;
  const instance = await (InvokeStore?.getInstanceAsync?.() ?? InvokeStore);
  return [instance?.getRequestId?.(), instance?.getXRayTraceId?.()];
};
export const environment = async () => [
  process.env._HANDLER,
  process.env.LAMBDA_TASK_ROOT !== undefined,
  process.env.AWS_LAMBDA_RUNTIME_API !== undefined,
];
export const keepsStorage = async () => new AsyncLocalStorage().run(1, async () => sleep(1).then(() => "kept"));
const entered = new AsyncLocalStorage();
export const entersStorage = async () => {
  const before = entered.getStore() ?? "nothing";
  entered.enterWith("what an earlier invocation has left");
  return before;
};
export const globals = async () => Object.keys(globalThis.awslambda).sort();

// Logs
export const logs = async () => {
  console.log("log %s %d", "a", 1, { b: [1, { c: { d: 1 } }] });
  console.info("info");
  console.warn("warn");
  console.error("error", 1);
  console.debug("debug");
  console.trace("trace");
};
export const logsLines = async () => console.log("one\ntwo\r\nthree\n");
export const logsError = async () => console.error(new OrderError("logged", { cause: new Error("why") }));
export const logsErrorBehind = async () => console.log("failed:", new RangeError("logged"));
export const logsNothing = async () => console.log();
export const logsObject = async () => console.log({ a: 1, nested: { error: new Error("inside") } });
export const logsCycle = async () => {
  const a = { name: "cycle" };
  a.a = a;
  console.log(a);
};
export const writes = async () => {
  process.stdout.write("to stdout\n");
  process.stderr.write("to stderr\n");
};

// Streams
export const stream = streamifyResponse(async (_event, response) => {
  response.setContentType("text/plain");
  response.write("one ");
  response.write("two");
  response.end();
});
export const streamHttp = streamifyResponse(async (_event, response) => {
  const http = HttpResponseStream.from(response, { statusCode: 201, headers: { "x-a": "1" }, cookies: ["a=1"] });
  http.write("body");
  http.end();
});
export const streamPipeline = streamifyResponse(async (_event, response) =>
  pipeline(Readable.from(["a", "b", "c"]), response),
);
export const streamFailsEarly = streamifyResponse(async () => {
  throw new OrderError("early");
});
export const streamFailsLate = streamifyResponse(async (_event, response) => {
  response.write("some");
  await sleep(20);
  throw new OrderError("late");
});
export const streamEmpty = streamifyResponse(async (_event, response) => response.end());
