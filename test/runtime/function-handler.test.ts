import { setImmediate as turn } from "node:timers/promises";
import * as assert from "uvu/assert";
import { functionErrorOf } from "../../src/runtime/function-error.ts";
import { functionHandler, type Handler } from "../../src/runtime/function-handler.ts";
import { suite } from "../helpers/suite.ts";
import { invocation } from "./memory-api.ts";

const test = suite("functionHandler()");

const circular: { self?: unknown } = {};
circular.self = circular;

const succeedsRejected: Handler = (_event, context) => void context.succeed(Promise.reject(new Error("given")));

// biome-ignore lint/suspicious/noThenProperty: a promise that cannot be looked at is what this is about
const throwsThen = Object.defineProperty({}, "then", { get: () => fail("no then") });

const answers: readonly (readonly [string, Handler, string])[] = [
  ["a promise", async () => ({ a: 1 }), '{"a":1}'],
  ["a plain value", () => "now", '"now"'],
  ["a plain null", () => null, "null"],
  ["a promise of nothing", async () => undefined, "null"],
  ["a promise of a function", async () => () => {}, "null"],
  ["a thenable that is no promise", () => thenable(7), "7"],
  ["context.succeed", (_event, context) => void setImmediate(() => context.succeed("well")), '"well"'],
  ["context.done", (_event, context) => void setImmediate(() => context.done(null, "done")), '"done"'],
  ["a promise given to context.succeed", (_event, context) => void context.succeed(Promise.resolve(1)), "1"],
  ["the event", (event) => event, '"the event"'],
];

for (const [name, handler, response] of answers) {
  test(`answers with ${name}`, async () => {
    assert.is(await outcome(handler), response);
  });
}

const callbacks: readonly (readonly [string, Handler, string])[] = [
  ["a result", (_event, _context, callback) => void callback(null, "called"), '"called"'],
  ["nothing", (_event, _context, callback) => void callback(), "null"],
  ["a result before the return value", calledTwice, "1"],
  ["a result before its promise is fulfilled", async (...given) => calledTwice(...given), "1"],
];

for (const [name, handler, response] of callbacks) {
  test(`lets a callback with ${name} wait for the event loop`, async () => {
    const loop = new Loop();
    const answered = answerOf(functionHandler(handler, { env: {}, loopEmpties: loop.watch })(invocation("a", 1)));
    await turn();
    assert.is(answered.response, undefined);
    assert.is(loop.listeners.size, 1);
    loop.empty();
    await turn();
    assert.is(answered.response, response);
    assert.is(loop.listeners.size, 0);
  });

  test(`does not let a callback with ${name} wait when the context says so`, async () => {
    const loop = new Loop();
    const impatient: Handler = (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = false;
      return handler(event, context, callback);
    };
    const answered = answerOf(functionHandler(impatient, { env: {}, loopEmpties: loop.watch })(invocation("a", 1)));
    await turn();
    assert.is(answered.response, response);
    assert.is(loop.listeners.size, 0);
  });
}

const failures: readonly (readonly [string, Handler, string])[] = [
  ["a throw", () => fail("now"), "Error: now"],
  ["a rejection", async () => fail("later"), "Error: later"],
  ["a callback's error", (_event, _context, callback) => void callback(new TypeError("called")), "TypeError: called"],
  ["context.fail", (_event, context) => void context.fail("just words"), "string: just words"],
  ["context.fail without words", (_event, context) => void context.fail(null), "Error: The function failed"],
  ["a promise given to context.succeed that is rejected", succeedsRejected, "Error: given"],
  ["a result whose then throws", (_event, context) => void context.succeed(throwsThen), "Error: no then"],
  ["a cycle", async () => circular, "Runtime.MarshalError: Cannot turn the response into JSON"],
  ["a bigint", async () => 1n, "Runtime.MarshalError: Cannot turn the response into JSON"],
];

for (const [name, handler, error] of failures) {
  test(`fails with ${name}`, async () => {
    assert.ok((await outcome(handler)).startsWith(error), await outcome(handler));
  });
}

const events = [
  ["a string", Buffer.from('"x"'), '"x"'],
  ["null", Buffer.from("null"), "null"],
  [
    "U+2028, an escaped NUL and an astral character",
    Buffer.from('"\u2028\\u0000\u{1f600}"'),
    '"\u2028\\u0000\u{1f600}"',
  ],
  ["a key named __proto__", Buffer.from('{"__proto__":1}'), '{"__proto__":1}'],
  ["nothing, as null", Buffer.alloc(0), "null"],
  ["no JSON", Buffer.from("hello"), "Runtime.UnmarshalError: Cannot read the event"],
  ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "Runtime.UnmarshalError: Cannot read the event"],
] as const;

for (const [name, bytes, response] of events) {
  test(`takes an event that is ${name}`, async () => {
    assert.ok((await outcome(async (event) => event, bytes)).startsWith(response));
  });
}

test("fails a promise that nothing can settle any more", async () => {
  assert.match(await outcome(() => new Promise(() => {}), undefined, "empty"), /^Runtime\.NodeJsExit: /);
});

test("fails a callback with a promise that nothing can settle", async () => {
  const loop = new Loop();
  const handler: Handler = (_event, _context, callback) => void callback(null, new Promise(() => {}));
  const answered = functionHandler(handler, { env: {}, loopEmpties: loop.watch })(invocation("a", 1)).catch(
    functionErrorOf,
  );
  loop.empty();
  loop.empty();
  assert.match(JSON.stringify(await answered), /"Runtime\.NodeJsExit"/);
});

test("answers null when a callback function is done without calling back", async () => {
  assert.is(await outcome((_event, _context, _callback) => undefined, undefined, "empty"), "null");
});

test("stops waiting for the loop once it has answered", async () => {
  let waiting = 0;
  const loopEmpties = () => {
    waiting += 1;
    return () => {
      waiting -= 1;
    };
  };
  await functionHandler(async () => 1, { loopEmpties })(invocation("a", 1));
  assert.is(waiting, 0);
});

/** An event loop that is empty when a test says so. */
class Loop {
  readonly listeners = new Set<() => void>();

  readonly watch = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  empty(): void {
    for (const listener of this.listeners) listener();
  }
}

function answerOf(work: Promise<string>): { response?: string } {
  const answered: { response?: string } = {};
  work.then((text) => {
    answered.response = text;
  });
  return answered;
}

async function outcome(handler: Handler, event?: Uint8Array, loop: "busy" | "empty" = "busy"): Promise<string> {
  const loopEmpties = (listener: () => void) => {
    if (loop === "empty") queueMicrotask(listener);
    return () => {};
  };
  try {
    const run = functionHandler(handler, { env: {}, loopEmpties });
    return await run(invocation("a", event ?? "the event"));
  } catch (thrown) {
    const { errorType, errorMessage } = functionErrorOf(thrown);
    return `${errorType}: ${errorMessage}`;
  }
}

function calledTwice(...[, , callback]: Parameters<Handler>): number {
  callback(null, 1);
  callback("late");
  return 2;
}

function thenable(value: number): object {
  // biome-ignore lint/suspicious/noThenProperty: promises of other libraries are what this test is about
  return Object.defineProperty({}, "then", { value: (done: (value: number) => void) => done(value) });
}

function fail(message: string): never {
  throw new Error(message);
}

test.run();
