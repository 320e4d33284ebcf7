import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import { sqsEvent } from "../../src/events/index.ts";
import { functionHandler } from "../../src/runtime/function-handler.ts";
import {
  type EventSchema,
  type InvocationSpan,
  rawHandler,
  timeoutGuard,
  tracing,
  validated,
} from "../../src/runtime/index.ts";
import { isRawHandler } from "../../src/runtime/raw-handler.ts";
import type { InvocationHandler } from "../../src/runtime/runtime-api.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { bootstrap, headersOf } from "./bootstrap-process.ts";
import { invocation } from "./memory-api.ts";

const test = suite("a middleware:");

const record = {
  messageId: "m",
  receiptHandle: "r",
  body: "hello",
  md5OfBody: "d",
  attributes: {},
  messageAttributes: {},
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:q",
  awsRegion: "us-east-1",
  somethingNew: 1,
};

test("validated() calls the function with what the schema makes of the event", async () => {
  const handler = validated(sqsEvent, async ({ Records }, context) => [
    ...Records.map(({ body, somethingNew }) => [body, somethingNew]),
    context.awsRequestId,
  ]);
  assert.equal(await answered(functionHandler(handler), { Records: [record] }), [["hello", 1], "id"]);
});

test("validated() fails an event of another shape, and names each place", async () => {
  let called = false;
  const handler = validated(sqsEvent, () => {
    called = true;
  });
  const broken = { Records: [record, { ...record, body: 7, eventSource: "aws:sns" }] };
  const error = await rejects(
    answered(functionHandler(handler), broken),
    /^The event is not what the function takes: /,
  );
  assert.is(error.name, "Function.InvalidEvent");
  assert.match(error.message, /Records\.1\.body: .*string.*; Records\.1\.eventSource: /);
  await rejects(answered(functionHandler(handler), null), /takes: the event itself: /);
  assert.not.ok(called);
});

test("validated() takes schemas of any library, promises and long lists of mistakes", async () => {
  const issues = Array.from({ length: 7 }, (_, n) => ({ message: `wrong ${n}`, path: [{ key: "a" }, n] }));
  const schema: EventSchema<number> = {
    "~standard": { validate: async (value) => (typeof value === "number" ? { value: value * 2 } : { issues }) },
  };
  const handler = functionHandler(validated(schema, (event) => event));
  assert.is(await answered(handler, 4), 8);
  await rejects(answered(handler, "four"), /takes: a\.0: wrong 0; .*a\.4: wrong 4 and 2 more$/);
});

test("tracing() tells of each invocation, the first one as a cold start", async () => {
  const spans: InvocationSpan[] = [];
  const handler = tracing((span) => spans.push(span))(async ({ requestId, event }) => {
    if (requestId === "b") throw new RangeError("no");
    return event;
  });
  const traceId = "Parent=0123456789abcdef;Root=1-67-89;Lineage=1:a:0;Sampled=0";
  await handler({ ...invocation("a", 1), traceId, invokedFunctionArn: "arn" });
  await handler(invocation("b", 12)).catch(() => {});
  assert.equal(
    spans.map(({ startedEpochMs, durationMs, ...rest }) => {
      assert.ok(Math.abs(Date.now() - startedEpochMs) < 60_000 && durationMs >= 0);
      return rest;
    }),
    [
      {
        requestId: "a",
        functionArn: "arn",
        trace: { root: "1-67-89", parent: "0123456789abcdef", sampled: false },
        coldStart: true,
        eventBytes: 1,
      },
      {
        requestId: "b",
        functionArn: invocation("b", 12).invokedFunctionArn,
        trace: {},
        coldStart: false,
        eventBytes: 2,
        error: { type: "RangeError", message: "no" },
      },
    ],
  );
});

test("tracing() spoils nothing when the record fails", async () => {
  const original = console.error;
  const said: unknown[] = [];
  console.error = (...words) => said.push(words[0]);
  try {
    const handler = tracing(() => {
      throw new Error("full");
    })(async ({ event }) => event);
    assert.is(String(await handler(invocation("a", 1))), "1");
  } finally {
    console.error = original;
  }
  assert.equal(said, ["The record of an invocation was lost:"]);
});

test("timeoutGuard() fails an invocation before Lambda ends it", async () => {
  const guarded = timeoutGuard({ marginMs: 100 })(() => new Promise(() => {}));
  const late = guarded({ ...invocation("a", 1), deadlineEpochMs: Date.now() + 150 }) as Promise<unknown>;
  // Set later and for longer: however late timers are, they ring in their order.
  const ended = pause(150, "ended by Lambda");
  const error = await rejects(Promise.race([late, ended]), /100 ms before its deadline$/);
  assert.is(error.name, "Function.OutOfTime");
});

test("timeoutGuard() leaves alone who is in time, fails by itself, or has no deadline", async () => {
  const guard = timeoutGuard();
  const inTime = { ...invocation("a", 1), deadlineEpochMs: Date.now() + 60_000 };
  assert.is(String(await guard(async ({ event }) => event)(inTime)), "1");
  await rejects(guard(() => Promise.reject(new RangeError("no")))(inTime) as Promise<unknown>, /^no$/);
  assert.is(String(await guard(async ({ event }) => event)(invocation("b", 2))), "2");
});

test("rawHandler() marks a function and leaves the one that it was given alone", async () => {
  const plain: InvocationHandler = async ({ event }) => event;
  assert.ok(isRawHandler(rawHandler(plain)));
  assert.not.ok(isRawHandler(plain));
});

const taskRoot = join(import.meta.dirname, "../fixtures/handlers/raw");
for (const [name, request, body] of [
  ["bytes", "/id/response", "id:\u0000no JSON"],
  ["stream", "/id/response", undefined],
  ["fails", "/id/error", undefined],
] as const)
  test(`bootstrap runs a raw function: ${name}`, async () => {
    await using process = await bootstrap({
      events: [{ body: "\u0000no JSON", headers: headersOf("id") }],
      env: { LAMBDA_TASK_ROOT: taskRoot, _HANDLER: `index.${name}` },
    });
    const post = await process.post(1);
    assert.match(post.line, request);
    if (body !== undefined) assert.is(String(post.body), body);
    if (name === "stream") assert.match(post.head, /function-response-mode: streaming/i);
    if (name === "fails") assert.match(String(post.body), /"errorType":"RangeError"/);
  });

test.run();

async function answered(handler: InvocationHandler, event: unknown): Promise<unknown> {
  const response = await handler({ ...invocation("id", 0), event: Buffer.from(JSON.stringify(event)) });
  if (typeof response !== "string") throw new Error("It gave no text");
  return JSON.parse(response);
}
