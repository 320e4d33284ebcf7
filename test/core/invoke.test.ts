/** The Invoke phase and the ways in which it fails. Protocol 2.6, 4.2, 4.3, 4.5 */
import * as assert from "uvu/assert";
import {
  dropped,
  ended,
  error,
  exited,
  extensionError,
  extensionNext,
  init,
  invoke,
  next,
  play,
  register,
  response,
  ring,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("Invoke");

/** Idle after an Init of 100 ms, with call 1 of the runtime waiting. */
const idle = () => play().through(0, init).through(100, next(1));
const running = () => idle().through(1_000, invoke("a"));
const answered = () => running().through(1_010, response(2, "a"), ended(2));

/** Idle with an extension: call 2 of the runtime and call 3 of the extension wait. */
const idleBesides = (events?: readonly string[]) =>
  play(["x"])
    .through(0, init, register(1, "x", events))
    .through(100, next(2), extensionNext(3, "x"));
const runningBesides = (events?: readonly string[]) => idleBesides(events).through(1_000, invoke("a"));
const answeredBesides = () => runningBesides().through(1_010, response(4, "a"), ended(4));

test("is thaw, START, the event, the answer, the next next, REPORT, freeze (4.2)", () => {
  const a = idle();
  assert.equal(a(1_000, invoke("a")), [
    "thaw",
    "set alarm timeout:a at 4000",
    "record platform.start a",
    "answer 1: invocation a, deadline 4000",
  ]);
  assert.equal(a(1_010, response(2, "a")), []);
  assert.equal(a(1_012, ended(2)), ["answer 2: accepted", "complete a: response of call 2"]);
  assert.equal(a(1_013, next(3)), [
    "record platform.runtimeDone a success 13 ms 2 bytes",
    "clear alarm timeout:a",
    "record platform.report a success 13 ms init 100 ms",
    "freeze",
  ]);
});

test("hands the event to a runtime that comes to next later", () => {
  const a = answered().through(1_020, next(3), invoke("b"));
  a.through(1_030, response(4, "b"), ended(4));
  assert.equal(a(1_040, next(5)).at(-1), "freeze");
});

test("counts an error that the handler reported as a success (3.5, 4.3)", () => {
  const a = running().through(1_010, error(2, "a"), ended(2));
  assert.equal(a(1_020, next(3)), [
    "record platform.runtimeDone a success 20 ms 2 bytes",
    "clear alarm timeout:a",
    "record platform.report a success 20 ms init 100 ms",
    "freeze",
  ]);
});

test("gives the caller its response at once and ends when the extension is done (4.2)", () => {
  const a = runningBesides().through(1_010, response(4, "a"));
  assert.equal(a(1_012, ended(4)), ["answer 4: accepted", "complete a: response of call 4"]);
  assert.equal(a(1_013, next(5)), ["record platform.runtimeDone a success 13 ms 2 bytes"]);
  assert.equal(a(2_000, extensionNext(6, "x")), [
    "clear alarm timeout:a",
    "record platform.report a success 1000 ms init 100 ms",
    "freeze",
  ]);
});

test("ends with the runtime when the extension was faster (4.2)", () => {
  const a = runningBesides();
  assert.equal(a(1_001, extensionNext(6, "x")), []);
  a.through(1_010, response(4, "a"), ended(4));
  assert.equal(a(1_013, next(5)), [
    "record platform.runtimeDone a success 13 ms 2 bytes",
    "clear alarm timeout:a",
    "record platform.report a success 13 ms init 100 ms",
    "freeze",
  ]);
});

test("ends with the extension though the runtime lost its connection after it came back to next (4.2)", () => {
  const a = answeredBesides().through(1_020, next(5), dropped(5));
  assert.equal(a(1_030, extensionNext(6, "x")), [
    "clear alarm timeout:a",
    "record platform.report a success 30 ms init 100 ms",
    "freeze",
  ]);
  assert.equal(a(1_040, next(7)), []);
});

test("does not bother an extension that did not ask for INVOKE (4.2)", () => {
  const a = idleBesides(["SHUTDOWN"]);
  assert.equal(a(1_000, invoke("a")).slice(3), ["answer 2: invocation a, deadline 4000"]);
  a.through(1_010, response(4, "a"), ended(4));
  assert.equal(a(1_013, next(5)).at(-1), "freeze");
});

test("of a runtime that does not answer ends in the caller's time-out, after the shutdown (4.3, 4.5)", () => {
  const a = running();
  assert.equal(a(4_000, ring("timeout:a")), [
    "record platform.runtimeDone a timeout 3000 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "SIGKILL to runtime",
  ]);
  assert.equal(a(4_007, exited("runtime", "killed")), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: timed out after 3000 ms",
    "record platform.report a timeout 3000 ms init 100 ms",
  ]);
});

test("writes the time-out with two decimals (4.5)", () => {
  const a = play([], 1_500).through(0, init, next(1), invoke("a")).through(1_500, ring("timeout:a"));
  assert.is(a(1_501, exited("runtime", "killed"))[2], "complete a: timed out after 1500 ms");
});

test("never lasts longer than the time-out, however late the alarm rings (4.6)", () => {
  const a = running();
  assert.is(a(4_250, ring("timeout:a"))[0], "record platform.runtimeDone a timeout 3000 ms 0 bytes");
  assert.is(a(4_260, exited("runtime", "killed")).at(-1), "record platform.report a timeout 3000 ms init 100 ms");
});

test("that only an extension keeps too long leaves the caller its response, and times out (2.6, 4.2)", () => {
  const a = answeredBesides().through(1_020, next(5));
  a.through(4_000, ring("timeout:a")).through(4_001, exited("runtime", "terminated"));
  assert.equal(a(4_100, exited("extension:x", 0)), [
    "clear alarm shutdown",
    "record platform.report a timeout 3000 ms init 100 ms",
  ]);
});

test("that runtime and extension keep too long after the response is a time-out of both in the records", () => {
  const a = answeredBesides();
  assert.is(a(4_000, ring("timeout:a"))[0], "record platform.runtimeDone a timeout 3000 ms 2 bytes");
  a.through(4_001, exited("runtime", "terminated"));
  assert.equal(a(4_100, exited("extension:x", 0)), [
    "clear alarm shutdown",
    "record platform.report a timeout 3000 ms init 100 ms",
  ]);
});

/** How the runtime ended, what the caller is told. 4.5 */
const exits = [
  [1, "Runtime exited with error: exit status 1"],
  [0, "Runtime exited without providing a reason"],
  ["killed", "Runtime exited with error: signal: killed"],
] as const;

for (const [how, cause] of exits) {
  test(`of a runtime that exits with ${how} tells the caller so (4.5)`, () => {
    assert.equal(running()(1_050, exited("runtime", how)), [
      "record platform.runtimeDone a error Runtime.ExitError 50 ms 0 bytes",
      "clear alarm init",
      "clear alarm timeout:a",
      "clear alarm runtime-kill",
      "clear alarm shutdown",
      `complete a: fault Runtime.ExitError RequestId: a Error: ${cause}`,
      "record platform.report a error Runtime.ExitError 50 ms init 100 ms",
    ]);
  });
}

test("of a runtime that exits while its answer is read tells the caller so", () => {
  const a = running().through(1_010, response(2, "a"));
  assert.ok(
    a(1_050, exited("runtime", 1)).includes(
      "complete a: fault Runtime.ExitError RequestId: a Error: Runtime exited with error: exit status 1",
    ),
  );
});

test("of a runtime that exits after its response leaves the caller the response; Init is repeated (4.3)", () => {
  const a = answered();
  assert.equal(a(1_050, exited("runtime", 0)), [
    "record platform.runtimeDone a error Runtime.ExitError 50 ms 2 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "record platform.report a error Runtime.ExitError 50 ms init 100 ms",
  ]);
  assert.equal(a(2_000, invoke("b")), [
    "set alarm timeout:b at 5000",
    "record platform.initStart invoke",
    "start runtime",
  ]);
});

test("does not see the exit of an idle runtime, but the next invocation repeats Init (4.3)", () => {
  const a = idle();
  assert.equal(a(500, exited("runtime", 1)), [
    "thaw",
    "clear alarm init",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
  ]);
  assert.equal(a(1_000, invoke("a")), [
    "set alarm timeout:a at 4000",
    "record platform.initStart invoke",
    "start runtime",
  ]);
  a.through(1_600, next(2)).through(1_610, response(3, "a"), ended(3));
  // 2.6: the REPORT of the recovery has no Init Duration, its Duration includes the Init.
  assert.is(a(1_683, next(4)).at(-2), "record platform.report a success 683 ms");
});

test("waits in an environment whose extension exits in Init, before it registers (2.6)", () => {
  const a = play(["x"]).through(0, invoke("a"));
  assert.equal(a(10, exited("extension:x", 17)), [
    "record platform.initRuntimeDone init error Extension.Crash",
    "record platform.extension x Started []",
    "record platform.initReport init error Extension.Crash 10 ms",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "set alarm timeout:a at 3010",
    "record platform.initStart invoke",
    "start extension:x",
  ]);
  assert.equal(a(20, exited("extension:x", 17)), [
    "record platform.initRuntimeDone invoke error Extension.Crash",
    "record platform.extension x Started []",
    "record platform.initReport invoke error Extension.Crash 10 ms",
    "record platform.start a",
    "record platform.runtimeDone a error Extension.Crash 10 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: fault Extension.Crash RequestId: a Error: exit status 17",
    "record platform.report a error Extension.Crash 10 ms",
  ]);
});

test("waits in an environment whose extension exits in Init, after it registered (2.6)", () => {
  const a = play(["x"]).through(0, invoke("a"), register(1, "x"));
  assert.equal(a(10, exited("extension:x", 17)).slice(0, 3), [
    "record platform.initRuntimeDone init error Extension.Crash",
    "record platform.extension x Registered [INVOKE, SHUTDOWN]",
    "record platform.initReport init error Extension.Crash 10 ms",
  ]);
});

test("tells the caller of an extension that reports init/error and exits with 0 (2.6)", () => {
  const a = play(["x"]).through(
    0,
    init,
    register(1, "x", ["SHUTDOWN", "INVOKE"]),
    extensionError(2, "x", "init-error"),
  );
  assert.equal(a(10, exited("extension:x", 0)).slice(0, 3), [
    "record platform.initRuntimeDone init error Extension.InitError",
    "record platform.extension x InitError [SHUTDOWN, INVOKE] Extension.Boom",
    "record platform.initReport init error Extension.InitError 10 ms",
  ]);
  a.through(20, exited("runtime", 0), invoke("a"), register(3, "x"), extensionError(4, "x", "init-error"));
  a.through(30, exited("extension:x", 0));
  assert.is(a(40, exited("runtime", 0))[2], "complete a: fault Extension.InitError RequestId: a Error: exit code 0");
});

test("tells the caller of an extension that exits before the runtime has answered (2.6)", () => {
  const a = runningBesides();
  assert.equal(a(1_050, exited("extension:x", 17)), [
    "record platform.runtimeDone a error Extension.Crash 50 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "SIGTERM to runtime",
    "set alarm runtime-kill at 1350",
  ]);
  assert.equal(a(1_060, exited("runtime", 0)), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: fault Extension.Crash RequestId: a Error: exit status 17",
    "record platform.report a error Extension.Crash 50 ms init 100 ms",
  ]);
});

test("tells the caller of an extension that a signal killed, and of one that reported exit/error", () => {
  const killed = runningBesides().through(1_050, exited("extension:x", "killed"));
  assert.is(
    killed(1_060, exited("runtime", 0))[2],
    "complete a: fault Extension.Crash RequestId: a Error: signal: killed",
  );
  const reported = runningBesides().through(1_050, extensionError(9, "x", "exit-error"), exited("extension:x", 1));
  assert.is(
    reported(1_060, exited("runtime", 0))[2],
    "complete a: fault Extension.ExitError RequestId: a Error: exit status 1",
  );
});

test("leaves the caller its response when the extension exits after it; the next one repeats Init (2.6)", () => {
  const a = answeredBesides().through(1_020, next(5)).through(1_050, exited("extension:x", 17));
  assert.equal(a(1_060, exited("runtime", 0)), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "record platform.report a error Extension.Crash 50 ms init 100 ms",
  ]);
  assert.equal(a(2_000, invoke("b")).slice(0, 2), ["set alarm timeout:b at 5000", "record platform.initStart invoke"]);
});

test("waits for the exit of an extension that reported exit/error (2.5)", () => {
  const a = answeredBesides().through(1_020, extensionError(9, "x", "exit-error"));
  assert.equal(a(1_030, next(5)), ["record platform.runtimeDone a success 30 ms 2 bytes"]);
});

test("tells the first failure only, whatever fails while the environment is reset (4.4)", () => {
  const a = runningBesides().through(1_050, exited("runtime", 1));
  assert.is(
    a(1_060, exited("extension:x", 17))[1],
    "complete a: fault Runtime.ExitError RequestId: a Error: Runtime exited with error: exit status 1",
  );
});

test("is placed only where it can run", () => {
  assert.throws(() => running()(1_001, invoke("b")), /an invocation is placed where it can run/);
  assert.throws(() => play().through(0, invoke("a"), invoke("b")), /no more invocations are in hand than fit/);
});

test.run();
