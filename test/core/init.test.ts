/** The Init phase: its order, its limit, and how it is repeated inside an invocation. Protocol 1.7, 4.1 */
import * as assert from "uvu/assert";
import {
  dropped,
  ended,
  exited,
  extensionError,
  extensionNext,
  init,
  initError,
  invoke,
  next,
  play,
  register,
  response,
  ring,
  startFailed,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("Init");

/** An environment whose first Init failed at 100 and which is cold again. */
const failedOnce = () => play().through(0, init).through(100, exited("runtime", 1));

test("of a runtime alone: start, next, report, freeze (4.1)", () => {
  const a = play();
  assert.equal(a(0, init), ["set alarm init at 10000", "record platform.initStart init", "start runtime"]);
  assert.equal(a(120, next(1)), [
    "record platform.initRuntimeDone init success",
    "clear alarm init",
    "record platform.initReport init success 120 ms",
    "freeze",
  ]);
});

test("starts extensions in order, and the runtime when every one of them has registered (4.1)", () => {
  const a = play(["b.sh", "a.sh"]);
  assert.equal(a(0, init), [
    "set alarm init at 10000",
    "record platform.initStart init",
    "start extension:b.sh",
    "start extension:a.sh",
  ]);
  assert.equal(a(1, register(1, "a.sh", ["INVOKE"])), ["answer 1: registered a.sh as id of a.sh"]);
  assert.equal(a(2, extensionNext(2, "a.sh")), []);
  assert.equal(a(3, register(3, "b.sh", [])), ["answer 3: registered b.sh as id of b.sh", "start runtime"]);
  assert.equal(a(4, next(4)), ["record platform.initRuntimeDone init success"]);
  assert.equal(a(5, extensionNext(5, "b.sh")), [
    "clear alarm init",
    "record platform.extension b.sh Ready []",
    "record platform.extension a.sh Ready [INVOKE]",
    "record platform.initReport init success 5 ms",
    "freeze",
  ]);
});

test("waits for an extension whose file is called __proto__", () => {
  const a = play(["__proto__"]);
  assert.equal(a(0, init).slice(-1), ["start extension:__proto__"]);
  assert.equal(a(1, register(1, "__proto__")).slice(-1), ["start runtime"]);
});

test("waits for the next of an internal extension too (4.1)", () => {
  const a = play().through(0, init, register(1, "inside", ["INVOKE"]), next(2));
  assert.equal(a(9, extensionNext(3, "inside")), [
    "clear alarm init",
    "record platform.extension inside Ready [INVOKE]",
    "record platform.initReport init success 9 ms",
    "freeze",
  ]);
});

test("ends though an extension lost its connection after its next", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), extensionNext(2, "x"), dropped(2));
  assert.equal(a(9, next(3)).slice(-2), ["record platform.initReport init success 9 ms", "freeze"]);
});

test("ends though the runtime lost its connection after its next", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), next(2), dropped(2));
  assert.equal(a(9, extensionNext(3, "x")).slice(-2), ["record platform.initReport init success 9 ms", "freeze"]);
});

test("is not begun twice", () => {
  assert.equal(play().through(0, init)(1, init), []);
  assert.equal(play().through(0, init, next(1))(1, init), []);
});

test("begins with an invocation that finds the environment cold, whose clock starts after it (4.2)", () => {
  const a = play();
  assert.equal(a(0, invoke("a")), ["set alarm init at 10000", "record platform.initStart init", "start runtime"]);
  assert.equal(a(500, next(1)), [
    "record platform.initRuntimeDone init success",
    "clear alarm init",
    "record platform.initReport init success 500 ms",
    "set alarm timeout:a at 3500",
    "record platform.start a",
    "answer 1: invocation a, deadline 3500",
  ]);
});

test("shows its duration in the first REPORT, and in no other (4.6)", () => {
  const a = play().through(0, init).through(250, next(1), invoke("a")).through(260, response(2, "a"), ended(2));
  assert.is(a(261, next(3)).at(-2), "record platform.report a success 11 ms init 250 ms");
  a.through(300, invoke("b")).through(310, response(4, "b"), ended(4));
  assert.is(a(311, next(5)).at(-2), "record platform.report b success 11 ms");
});

test("shows its duration in the REPORT of a first invocation that times out (4.6)", () => {
  const a = play().through(0, init).through(816, next(1), invoke("a")).through(3_816, ring("timeout:a"));
  assert.is(a(3_820, exited("runtime", "killed")).at(-1), "record platform.report a timeout 3000 ms init 816 ms");
});

test("is given ten seconds, then the environment is reset and told the invocation's time-out inside it (4.1)", () => {
  const a = play().through(0, init).through(5_000, invoke("a"));
  assert.equal(a(10_000, ring("init")), [
    "record platform.initRuntimeDone init timeout",
    "record platform.initReport init timeout 10000 ms",
    "clear alarm init",
    "clear alarm timeout:a",
    "SIGKILL to runtime",
  ]);
  assert.equal(a(10_001, exited("runtime", "killed")), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "set alarm timeout:a at 13001",
    "record platform.initStart invoke",
    "start runtime",
  ]);
  assert.equal(a(12_000, next(1)), [
    "record platform.initRuntimeDone invoke success",
    "clear alarm init",
    "record platform.initReport invoke success 1999 ms",
    "set alarm timeout:a at 13001",
    "record platform.start a",
    "answer 1: invocation a, deadline 13001",
  ]);
  a.through(12_100, response(2, "a"), ended(2));
  // No Init Duration, and a Duration that contains the Init.
  assert.equal(a(12_101, next(3)).at(-2), "record platform.report a success 2100 ms");
});

test("that overruns twice is the time-out of its invocation, with both reports (4.1, 4.5)", () => {
  const a = play().through(0, invoke("a")).through(10_000, ring("init")).through(10_001, exited("runtime", "killed"));
  assert.equal(a(13_001, ring("timeout:a")), [
    "record platform.initRuntimeDone invoke timeout",
    "record platform.initReport invoke timeout 3000 ms",
    "record platform.start a",
    "record platform.runtimeDone a timeout 3000 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "SIGKILL to runtime",
  ]);
  assert.equal(a(13_005, exited("runtime", "killed")), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: timed out after 3000 ms",
    "record platform.report a timeout 3000 ms",
  ]);
});

test("that fails while nobody waits is repeated inside the first invocation that comes (4.1)", () => {
  const a = failedOnce();
  assert.equal(a(200, invoke("a")), [
    "set alarm timeout:a at 3200",
    "record platform.initStart invoke",
    "start runtime",
  ]);
});

test("that is repeated ahead of any invocation has the limit of an Init, and no Init Duration", () => {
  const a = failedOnce();
  assert.equal(a(200, init), ["set alarm init at 10200", "record platform.initStart invoke", "start runtime"]);
  a.through(300, next(1), invoke("a")).through(301, response(2, "a"), ended(2));
  assert.is(a(302, next(3)).at(-2), "record platform.report a success 2 ms");
});

test("that is repeated ahead of an invocation leaves it waiting when it fails again", () => {
  const a = failedOnce().through(200, init).through(250, invoke("a"));
  assert.equal(a(300, exited("runtime", 1)).slice(-3), [
    "set alarm timeout:a at 3300",
    "record platform.initStart invoke",
    "start runtime",
  ]);
});

test("that fails twice by a crash: both INIT_REPORTs, then the invocation's records (2.6, 4.6)", () => {
  const a = play().through(0, invoke("a"));
  assert.equal(a(100, exited("runtime", 1)), [
    "record platform.initRuntimeDone init error Runtime.ExitError",
    "record platform.initReport init error Runtime.ExitError 100 ms",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "set alarm timeout:a at 3100",
    "record platform.initStart invoke",
    "start runtime",
  ]);
  assert.equal(a(180, exited("runtime", 1)), [
    "record platform.initRuntimeDone invoke error Runtime.ExitError",
    "record platform.initReport invoke error Runtime.ExitError 80 ms",
    "record platform.start a",
    "record platform.runtimeDone a error Runtime.ExitError 80 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: fault Runtime.ExitError RequestId: a Error: Runtime exited with error: exit status 1",
    "record platform.report a error Runtime.ExitError 80 ms",
  ]);
});

/** How the runtime ended in both Inits, what the caller is told. 4.5 */
const exits = [
  [0, "Runtime exited without providing a reason"],
  [1, "Runtime exited with error: exit status 1"],
  ["killed", "Runtime exited with error: signal: killed"],
] as const;

for (const [how, cause] of exits) {
  test(`of a runtime that exits with ${how} tells the caller so the second time (4.5)`, () => {
    const a = play().through(0, invoke("a")).through(10, exited("runtime", how));
    const told = a(20, exited("runtime", how)).filter((effect) => effect.startsWith("complete"));
    assert.equal(told, [`complete a: fault Runtime.ExitError RequestId: a Error: ${cause}`]);
  });
}

test("error of the runtime, ahead of an invocation: noted, and the report names its type (1.7)", () => {
  const a = play().through(0, init);
  assert.equal(a(50, initError(1, { errorType: "Runtime.ImportModuleError" })), [
    "answer 1: accepted",
    "record platform.initRuntimeDone init error Runtime.ImportModuleError",
  ]);
  assert.equal(a(60, exited("runtime", 1)), [
    "record platform.initReport init error Runtime.ImportModuleError 60 ms",
    "clear alarm init",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
  ]);
});

test("error of the runtime inside an invocation is that invocation's answer at once (1.7)", () => {
  const a = play().through(0, invoke("a"), initError(1)).through(10, exited("runtime", 1));
  assert.equal(a(50, initError(2, { errorType: "Function.Bad" })), [
    "answer 2: accepted",
    "record platform.initRuntimeDone invoke error Function.Bad",
    "complete a: error of call 2",
  ]);
  assert.equal(a(60, exited("runtime", 1)), [
    "record platform.initReport invoke error Function.Bad 50 ms",
    "record platform.start a",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "record platform.report a error Function.Bad 50 ms",
  ]);
});

test("error without a body inside an invocation becomes the platform's words (1.6, 1.7)", () => {
  const a = play().through(0, invoke("a"), initError(1)).through(10, exited("runtime", 1));
  assert.is(
    a(50, initError(2, { bytes: 0, errorType: "Foo" })).at(-1),
    "complete a: fault Runtime.Unknown Unknown application error occurred",
  );
});

test("error in a repeated Init leaves an invocation that came later for the next one", () => {
  const a = failedOnce().through(200, init).through(250, invoke("a"));
  assert.equal(a(260, initError(1)), [
    "answer 1: accepted",
    "record platform.initRuntimeDone invoke error Runtime.Unknown",
  ]);
});

test("error that comes when Init is over already is refused", () => {
  const a = play().through(0, init).through(10_000, ring("init"));
  assert.equal(a(10_001, initError(9)), [
    "refuse 9: 403 InvalidStateTransition State transition from Started to InitError failed for runtime. Error: State transition is not allowed",
  ]);
});

test("waits for the exit of a runtime that reported an error, until its limit", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), extensionNext(1, "x"), initError(2));
  assert.equal(a(10_000, ring("init")).slice(0, 2), [
    "record platform.extension x Ready [INVOKE, SHUTDOWN]",
    "record platform.initReport init timeout 10000 ms",
  ]);
});

test("waits for the exit of an extension that reported an error, until its limit (2.5)", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), extensionError(2, "x", "init-error"));
  assert.equal(a(10, next(3)), ["record platform.initRuntimeDone init success"]);
  assert.equal(a(10_000, ring("init")).slice(0, 2), [
    "record platform.extension x InitError [INVOKE, SHUTDOWN] Extension.Boom",
    "record platform.initReport init timeout 10000 ms",
  ]);
});

test("ends in Runtime.InvalidEntrypoint when the bootstrap cannot be started (4.5)", () => {
  const a = play().through(0, invoke("a"));
  assert.equal(a(1, startFailed("runtime", "Permission denied")).slice(0, 2), [
    "record platform.initRuntimeDone init error Runtime.InvalidEntrypoint",
    "record platform.initReport init error Runtime.InvalidEntrypoint 1 ms",
  ]);
  assert.ok(
    a(2, startFailed("runtime", "Permission denied")).includes(
      "complete a: fault Runtime.InvalidEntrypoint RequestId: a Error: Permission denied",
    ),
  );
});

test("ends in Extension.LaunchError when an extension cannot be started (2.1)", () => {
  const a = play(["x"]).through(0, invoke("a")).through(1, startFailed("extension:x", "Permission denied"));
  assert.ok(
    a(2, startFailed("extension:x", "Permission denied")).includes(
      "complete a: fault Extension.LaunchError RequestId: a Error: Permission denied",
    ),
  );
});

test.run();
