import * as assert from "uvu/assert";
import { InvocationInHand } from "../../src/runtime/invocation-in-hand.ts";
import { serve } from "../../src/runtime/serve.ts";
import { traceEnvironment } from "../../src/runtime/trace-environment.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { invocation, MemoryApi } from "./memory-api.ts";

const test = suite("serve()");

test("answers each invocation before it asks for the next", async () => {
  const api = new MemoryApi([invocation("a", 1), invocation("b", 2)]);
  await rejects(
    serve(api, async ({ event }) => event),
    /No more invocations/,
  );
  assert.equal(api.calls, [
    "next",
    "a response 1 begins",
    "a response 1 ends",
    "next",
    "b response 2 begins",
    "b response 2 ends",
    "next",
  ]);
});

test("fails an invocation whose handler throws or rejects, and goes on", async () => {
  const api = new MemoryApi([invocation("a", 1), invocation("b", 2), invocation("c", 3)]);
  const logged = await captured(() =>
    serve(api, ({ requestId, event }) => {
      if (requestId === "a") throw new TypeError("at once");
      return requestId === "b" ? Promise.reject("later") : Promise.resolve(event);
    }).catch(() => {}),
  );
  assert.equal(
    api.calls.filter((call) => call.endsWith("ends")),
    ["a TypeError at once ends", "b string later ends", "c response 3 ends"],
  );
  assert.is(logged.length, 2);
  assert.match(logged[0] ?? "", /"requestId":"a","errorType":"TypeError"/);
});

test("leaves the invocation in hand to whoever asks, until it is answered", async () => {
  const api = new InvocationInHand(new MemoryApi([invocation("a", 1)]));
  assert.is(api.phase.at, "init");
  const phases: string[] = [];
  await serve(api, async ({ event }) => {
    phases.push(api.phase.at);
    return event;
  }).catch(() => {});
  assert.equal(phases, ["running"]);
  assert.is(api.phase.at, "waiting");
  assert.is(api.latest?.requestId, "a");
});

test("traceEnvironment() sets the variable for one invocation only", async () => {
  const env: NodeJS.ProcessEnv = { _X_AMZN_TRACE_ID: "stale" };
  const seen: (string | undefined)[] = [];
  const handler = traceEnvironment(env)(async ({ event }) => {
    seen.push(env._X_AMZN_TRACE_ID);
    return event;
  });
  await handler(invocation("a", 1));
  await handler(invocation("b", 1, { traceId: "Root=1;Lineage=1:ab:0" }));
  await handler(invocation("c", 1));
  assert.equal(seen, [undefined, "Root=1;Lineage=1:ab:0", undefined]);
  assert.not("_X_AMZN_TRACE_ID" in env);
});

async function captured(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const { error } = console;
  console.error = (line: string) => void lines.push(line);
  try {
    await work();
  } finally {
    console.error = error;
  }
  return lines;
}

test.run();
