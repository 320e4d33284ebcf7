/** Managed Instances: protocol 1.11, 2.7, and the `lmi` rows of 7.4. */
import * as assert from "uvu/assert";
import { type Environment, newEnvironment } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import {
  dropped,
  ended,
  error,
  exited,
  extensionNext,
  init,
  initError,
  invoke,
  next,
  type Play,
  play,
  register,
  response,
  ring,
  shutdown,
  startFailed,
  usualSettings,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("Managed Instances");

const badId = "400 InvalidRequestID Invalid request ID";
const tooLate = "410 InvokeTimeout Invoke timeout";

function managed(extensions: readonly string[] = [], invocationsMax = 2): Play {
  return play(extensions, 3_000, {
    initializationType: "lambda-managed-instances",
    invocationsMax,
    runtimeShutdownMs: 600,
  });
}

/** With as many `next` calls parked as there are numbers. */
function ready(...calls: readonly number[]): Play {
  return managed().through(0, init, ...calls.map(next));
}

test("are initialised when the first next has come, and are not frozen then", () => {
  const a = managed();
  a(0, init);
  assert.equal(a(5, next(1)), [
    "record platform.initRuntimeDone init success",
    "clear alarm init",
    "record platform.initReport init success 5 ms",
  ]);
});

test("hand every event to a next of its own, each with its own deadline", () => {
  const a = ready(1, 2);
  assert.equal(a(10, invoke("a")), [
    "set alarm timeout:a at 3010",
    "record platform.start a",
    "answer 1: invocation a, deadline 3010",
  ]);
  assert.equal(a(20, invoke("b")), [
    "set alarm timeout:b at 3020",
    "record platform.start b",
    "answer 2: invocation b, deadline 3020",
  ]);
});

test("give a caller its answer and its report at once, whatever else is in hand", () => {
  const a = ready(1, 2).through(0, invoke("a"), invoke("b"), response(3, "b"));
  assert.equal(a(40, ended(3)), [
    "answer 3: accepted",
    "complete b: response of call 3",
    "clear alarm timeout:b",
    "record platform.report b success 40 ms",
  ]);
});

test("take an invocation that waited for Init as soon as a next is free for it", () => {
  const a = managed().through(0, invoke("a"), invoke("b"));
  assert.equal(a(7, next(1)), [
    "record platform.initRuntimeDone init success",
    "clear alarm init",
    "record platform.initReport init success 7 ms",
    "set alarm timeout:a at 3007",
    "record platform.start a",
    "set alarm timeout:b at 3007",
    "record platform.start b",
    "answer 1: invocation a, deadline 3007",
  ]);
  assert.equal(a(9, next(2)), ["answer 2: invocation b, deadline 3007"]);
});

test("tell a caller at once when no runtime worker waits", () => {
  const a = ready(1).through(0, invoke("a"));
  assert.equal(a(1, invoke("b")), ["complete b: refused Runtime.Unavailable"]);
  assert.equal(ready(1).through(0, dropped(1))(1, invoke("a")), ["complete a: refused Runtime.Unavailable"]);
});

test("fail one invocation for its time-out, kill nothing, and refuse its late answer with 410 once, then with 400", () => {
  const a = ready(1, 2).through(0, invoke("a"), invoke("b"));
  assert.equal(a(3_000, ring("timeout:a")), [
    "complete a: timed out after 3000 ms",
    "record platform.report a timeout 3000 ms",
  ]);
  assert.equal(a(3_001, response(3, "a")), [`refuse 3: ${tooLate}`]);
  assert.equal(a(3_002, response(3, "a")), [`refuse 3: ${badId}`]);
  assert.equal(a(3_003, response(4, "b")), []);
  assert.equal(a(3_004, ended(4)).slice(0, 2), ["answer 4: accepted", "complete b: response of call 4"]);
});

test("refuse a late error like a late response", () => {
  const a = ready(1).through(0, invoke("a"), ring("timeout:a"));
  assert.equal(a(1, error(2, "a")), [`refuse 2: ${tooLate}`]);
  assert.equal(a(1, error(2, "a")), [`refuse 2: ${badId}`]);
});

test("cut an answer off that is still being read at the time-out, and know of none that could be late", () => {
  const a = ready(1).through(0, invoke("a"), response(2, "a"));
  assert.equal(a(3_000, ring("timeout:a")), [
    "complete a: timed out after 3000 ms",
    `refuse 2: ${tooLate}`,
    "record platform.report a timeout 3000 ms",
  ]);
  assert.equal(a(3_001, response(2, "a")), [`refuse 2: ${badId}`]);
});

for (const mode of ["streaming", "buffered"] as const)
  test(`take an error while a ${mode} response is read, which ends there (1.10)`, () => {
    const a = ready(1).through(0, invoke("a"), response(2, "a", { mode }));
    assert.equal(a(1, error(3, "a")), [`refuse 2: ${badId}`]);
    assert.equal(a(2, ended(3)).slice(0, 2), ["answer 3: accepted", "complete a: error of call 3"]);
    assert.equal(a(3, error(4, "a")), [`refuse 4: ${badId}`]);
  });

test("take no second error while the first is read, and no response either", () => {
  const a = ready(1).through(0, invoke("a"), error(2, "a"));
  assert.equal(a(1, error(3, "a")), [`refuse 3: ${badId}`]);
  assert.equal(a(2, response(4, "a")), [`refuse 4: ${badId}`]);
});

test("know of no late answer to an event that no runtime ever had", () => {
  const a = managed().through(0, invoke("a"), invoke("b"), next(1), ring("timeout:b"));
  assert.equal(a(1, response(2, "b")), [`refuse 2: ${badId}`]);
});

test("take the answer of a later attempt under the same request id for what it is", () => {
  const a = ready(1, 2).through(0, invoke("a"), ring("timeout:a"), invoke("a"));
  assert.equal(a(1, response(3, "a", { invocationId: "stale" })), [`refuse 3: ${tooLate}`]);
  assert.equal(a(2, response(4, "a")), []);
  assert.equal(a(3, ended(4)).slice(0, 2), ["answer 4: accepted", "complete a: response of call 4"]);
});

test("remember the last thousand late ones", () => {
  const a = managed([], 1);
  a.through(0, init, next(1));
  for (let n = 0; n <= 1_000; n++) a.through(n, invoke(`r${n}`), ring(`timeout:r${n}`), next(1));
  assert.equal(a(2_000, response(2, "r0")), [`refuse 2: ${badId}`]);
  assert.equal(a(2_000, response(2, "r1")), [`refuse 2: ${tooLate}`]);
  assert.equal(a(2_000, response(2, "r1000")), [`refuse 2: ${tooLate}`]);
});

test("refuse a second answer with 400, whether the first is being read or has been", () => {
  const a = ready(1, 2).through(0, invoke("a"), response(3, "a"));
  assert.equal(a(1, response(4, "a")), [`refuse 4: ${badId}`]);
  a(2, ended(3));
  assert.equal(a(3, error(4, "a")), [`refuse 4: ${badId}`]);
});

test("park a next while others work: each is a slot of its own, and no event is handed out twice", () => {
  const a = ready(1).through(0, invoke("a"));
  assert.equal(a(1, next(2)), []);
  assert.equal(a(2, invoke("b")).at(-1), "answer 2: invocation b, deadline 3002");
});

test("refuse the next beyond ten thousand with 500", () => {
  const nextCalls = Array.from({ length: 10_000 }, (_, index) => index + 1);
  const settings = { ...usualSettings, initializationType: "lambda-managed-instances" } as const;
  const crowded: Environment = {
    ...newEnvironment(settings),
    phase: { at: "idle" },
    runtime: { at: "serving", nextCalls },
  };
  const refusal = { status: 500, errorType: "InternalServerError", errorMessage: "Internal Server Error" };
  assert.equal(step(crowded, next(10_001), 0)[1], [{ type: "refuse-call", call: 10_001, refusal }]);
});

test("let a runtime go on after an invalid response mode", () => {
  const a = ready(1).through(0, invoke("a"));
  assert.equal(a(4, response(2, "a", { mode: "invalid" })), [
    "refuse 2: 400 InvalidFunctionResponseMode Invalid function response mode",
    "complete a: fault Runtime.InvalidResponseModeHeader",
    "clear alarm timeout:a",
    "record platform.report a success 4 ms",
  ]);
  assert.equal(a(5, next(3)), []);
  assert.equal(a(6, invoke("b")).at(-1), "answer 3: invocation b, deadline 3006");
});

test("end when the runtime crashes: everybody in hand is told, and nothing begins anew", () => {
  const a = ready(1, 2).through(0, invoke("a"), invoke("b"));
  assert.equal(a(50, exited("runtime", 1)), [
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm timeout:b",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: fault Runtime.ExitError RequestId: a Error: Runtime exited with error: exit status 1",
    "record platform.report a error Runtime.ExitError 50 ms",
    "complete b: fault Runtime.ExitError RequestId: b Error: Runtime exited with error: exit status 1",
    "record platform.report b error Runtime.ExitError 50 ms",
  ]);
  assert.equal(a(60, shutdown), []);
});

test("end when an extension crashes, and give the runtime 600 ms to stop", () => {
  const a = managed(["x"]).through(
    0,
    init,
    register(1, "x", ["SHUTDOWN"]),
    extensionNext(2, "x"),
    next(3),
    invoke("a"),
  );
  const effects = a(100, exited("extension:x", 17));
  assert.ok(effects.includes("SIGTERM to runtime"));
  assert.ok(effects.includes("set alarm runtime-kill at 700"));
  const last = a(110, exited("runtime", "terminated"));
  assert.ok(last.includes("complete a: fault Extension.Crash RequestId: a Error: exit status 17"));
});

test("tell everybody who waits of an error in Init, once, and end", () => {
  const a = managed().through(0, invoke("a"), invoke("b"));
  assert.equal(a(3, initError(1)), [
    "answer 1: accepted",
    "record platform.initRuntimeDone init error Runtime.Unknown",
    "complete a: error of call 1",
    "complete b: error of call 1",
  ]);
  assert.equal(a(4, exited("runtime", 1)).slice(-2), ["clear alarm runtime-kill", "clear alarm shutdown"]);
  assert.equal(a(5, init), [], "the environment is closed");
});

test("tell those who wait for an Init that overruns", () => {
  const a = managed().through(0, invoke("a"), ring("init"));
  assert.equal(a(10_001, exited("runtime", "killed")).slice(-1), [
    "complete a: fault Sandbox.Timedout RequestId: a Error: Init timed out",
  ]);
});

test("tell those who wait for a runtime that cannot be started", () => {
  const a = managed().through(0, invoke("a"));
  const effects = a(1, startFailed("runtime", "no such file"));
  assert.ok(effects.includes("complete a: fault Runtime.InvalidEntrypoint RequestId: a Error: no such file"));
});

test("tell those in hand when they are closed, and refuse what the runtime still answers", () => {
  const a = managed(["x"]).through(
    0,
    init,
    register(1, "x", ["SHUTDOWN"]),
    extensionNext(2, "x"),
    next(3),
    invoke("a"),
  );
  a(10, shutdown);
  assert.equal(a(11, response(4, "a")), [`refuse 4: ${tooLate}`]);
  const told = a(12, exited("runtime", 0));
  assert.ok(told.includes("answer 2: SHUTDOWN spindown, deadline 2010"));
  const over = a(13, exited("extension:x", 0));
  assert.ok(
    over.includes("complete a: fault Sandbox.Failure RequestId: a Error: The execution environment was shut down"),
  );
});

const event = (name: string) => `403 Extension.InvalidEventType ${name}: ErrorInvalidEventType`;

test("let external extensions ask for SHUTDOWN and for nothing else (2.7)", () => {
  const a = managed(["x"]).through(0, init);
  assert.equal(a(1, register(1, "x", ["INVOKE", "SHUTDOWN"])), [`refuse 1: ${event("INVOKE")}`]);
  assert.equal(a(1, register(1, "x", ["SHUTDOWN", "BOGUS"])), [`refuse 1: ${event("BOGUS")}`]);
  assert.equal(a(1, register(1, "x", ["SHUTDOWN"]))[0], "answer 1: registered x as id of x");
});

test("let internal extensions ask for nothing (2.7)", () => {
  const a = managed().through(0, init);
  const none = "403 Extension.InvalidEventType No events allowed for internal extensions";
  assert.equal(a(1, register(1, "i", ["SHUTDOWN"])), [`refuse 1: ${none}`]);
  assert.equal(a(1, register(1, "i", ["INVOKE"])), [`refuse 1: ${none}`]);
  assert.equal(a(1, register(1, "i", [])), ["answer 1: registered i as id of i"]);
});

test("hand events out without a word to the extensions, and wait for none of them", () => {
  const a = managed(["x"]).through(0, init, register(1, "x", ["SHUTDOWN"]), extensionNext(2, "x"), next(3), dropped(2));
  assert.equal(a(1, invoke("a")).at(-1), "answer 3: invocation a, deadline 3001");
});

test("refuse init/error once a next has come (1.3)", () => {
  const a = ready(1).through(0, invoke("a"));
  const refused = "403 InvalidStateTransition State transition from Ready to InitError failed for runtime.";
  assert.equal(a(1, initError(2)), [`refuse 2: ${refused} Error: State transition is not allowed`]);
});

test.run();
