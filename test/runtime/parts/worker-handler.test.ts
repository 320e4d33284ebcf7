import * as assert from "uvu/assert";
import { workerHandler } from "../../../src/runtime/parts/worker-handler.ts";
import type { InvocationHandler } from "../../../src/runtime/runtime-api.ts";
import { rejects, suite } from "../../helpers/suite.ts";

const test = suite("a body in a worker");
const body = new URL("./worker-body.mjs", import.meta.url);

async function ask(handler: InvocationHandler, event: string, deadlineEpochMs = Date.now() + 60_000): Promise<string> {
  const answer = await handler({
    requestId: "a",
    invokedFunctionArn: "arn",
    event: Buffer.from(event),
    deadlineEpochMs,
  });
  return answer instanceof Uint8Array ? Buffer.from(answer).toString() : "a stream";
}

async function failure(answer: Promise<unknown>): Promise<string> {
  const error = await rejects(answer, /.*/);
  return `${error.name}: ${error.message}`;
}

test("answers, keeps its state, and comes back after each of its ends", async () => {
  using handler = await workerHandler(body, { killBeforeDeadlineMs: 20 });
  assert.is(await ask(handler, "x"), "x 1");
  assert.is(await failure(ask(handler, "throw")), "RangeError: on purpose");
  assert.is(await ask(handler, "x"), "x 2");
  assert.is(await failure(ask(handler, "exit")), "Runtime.ExitError: The worker ended with status 5");
  assert.is(await ask(handler, "x"), "x 1");
  assert.is(await failure(ask(handler, "later")), "Runtime.ExitError: The worker ended: where nobody waits");
  assert.is(await ask(handler, "x"), "x 1");
  assert.match(await failure(ask(handler, "loop", Date.now() + 150)), /^Runtime.DeadlineExceeded/);
  assert.is(await ask(handler, "x"), "x 1");
});

test("that does not load is told", async () => {
  assert.match(await failure(workerHandler(new URL("./no-such-body.mjs", import.meta.url))), /Cannot find module/);
});

test.run();
