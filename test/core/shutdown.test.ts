/** The Shutdown phase, at the end of a life and inside a reset: budgets, signals and events. Protocol 4.4 */
import * as assert from "uvu/assert";
import {
  dropped,
  ended,
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
  shutdown,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("Shutdown");

const idle = () => play().through(0, init, next(1));

/** Idle with an external extension: call 2 of the runtime and call 3 of the extension wait. */
const idleBesides = (events?: readonly string[]) =>
  play(["x"]).through(0, init, register(1, "x", events), next(2), extensionNext(3, "x"));

test("without extensions kills the runtime at once", () => {
  const a = idle();
  assert.equal(a(1_000, shutdown), ["thaw", "clear alarm init", "SIGKILL to runtime"]);
  assert.equal(a(1_001, exited("runtime", "killed")), ["clear alarm runtime-kill", "clear alarm shutdown"]);
});

test("with internal extensions only gives the runtime 500 ms", () => {
  const a = play().through(0, init, register(1, "inside", []), next(2), extensionNext(3, "inside"));
  assert.equal(a(1_000, shutdown), [
    "thaw",
    "clear alarm init",
    "SIGTERM to runtime",
    "set alarm runtime-kill at 1500",
  ]);
  assert.equal(a(1_500, ring("runtime-kill")), ["SIGKILL to runtime"]);
  assert.equal(a(1_501, exited("runtime", "killed")), ["clear alarm runtime-kill", "clear alarm shutdown"]);
});

test("with an external extension gives the runtime 300 ms, then tells the extension, then kills it at 2,000", () => {
  const a = idleBesides();
  assert.equal(a(1_000, shutdown), [
    "thaw",
    "clear alarm init",
    "SIGTERM to runtime",
    "set alarm runtime-kill at 1300",
  ]);
  assert.equal(a(1_300, ring("runtime-kill")), ["SIGKILL to runtime"]);
  assert.equal(a(1_310, exited("runtime", "killed")), [
    "clear alarm runtime-kill",
    "set alarm shutdown at 3000",
    "answer 3: SHUTDOWN spindown, deadline 3000",
  ]);
  assert.equal(a(3_000, ring("shutdown")), ["SIGKILL to extension:x"]);
  assert.equal(a(3_001, exited("extension:x", "killed")), ["clear alarm shutdown"]);
});

test("ends when the last process has gone, before any deadline", () => {
  const a = idleBesides().through(1_000, shutdown).through(1_010, exited("runtime", 0));
  assert.equal(a(1_020, exited("extension:x", 0)), ["clear alarm shutdown"]);
  assert.equal(a(1_030, shutdown), []);
});

test("kills an extension that did not ask for SHUTDOWN as soon as the runtime is gone", () => {
  const a = idleBesides(["INVOKE"]).through(1_000, shutdown);
  assert.equal(a(1_010, exited("runtime", 0)), [
    "clear alarm runtime-kill",
    "set alarm shutdown at 3000",
    "SIGKILL to extension:x",
  ]);
});

test("says nothing to an extension that did not ask for SHUTDOWN and calls next before it is gone", () => {
  const a = idleBesides(["INVOKE"]).through(1_000, invoke("a")).through(4_000, ring("timeout:a"));
  assert.equal(a(4_010, exited("runtime", 0)).at(-1), "SIGKILL to extension:x");
  assert.equal(a(4_011, extensionNext(4, "x")), []);
});

test("tells each extension what it asked for, and waits for all of them", () => {
  const a = play(["x", "y", "z"]).through(
    0,
    init,
    register(1, "x"),
    register(2, "y", ["SHUTDOWN"]),
    register(3, "z", []),
  );
  a.through(0, next(4), extensionNext(5, "x"), extensionNext(6, "y"), extensionNext(7, "z")).through(1_000, shutdown);
  assert.equal(a(1_010, exited("runtime", 0)).slice(1), [
    "set alarm shutdown at 3000",
    "answer 5: SHUTDOWN spindown, deadline 3000",
    "answer 6: SHUTDOWN spindown, deadline 3000",
    "SIGKILL to extension:z",
  ]);
  assert.equal(a(1_020, exited("extension:z", "killed")), []);
  assert.equal(a(1_030, exited("extension:y", 0)), []);
  assert.equal(a(3_000, ring("shutdown")), ["SIGKILL to extension:x"]);
});

test("gives SHUTDOWN to a busy extension at its next next, with the same deadline", () => {
  const a = idleBesides().through(1_000, invoke("a")).through(4_000, ring("timeout:a"));
  assert.equal(a(4_010, exited("runtime", "terminated")), ["clear alarm runtime-kill", "set alarm shutdown at 6000"]);
  assert.equal(a(5_000, extensionNext(4, "x")), ["answer 4: SHUTDOWN timeout, deadline 6000"]);
  assert.equal(a(5_001, extensionNext(5, "x")), []);
  assert.equal(a(6_000, ring("shutdown")), ["SIGKILL to extension:x"]);
  assert.equal(a(6_001, exited("extension:x", "killed")).slice(-1), [
    "record platform.report a timeout 3000 ms init 0 ms",
  ]);
});

test("tells an extension that comes to next while the runtime is being stopped when that is done", () => {
  const a = idleBesides().through(1_000, invoke("a")).through(4_000, ring("timeout:a"));
  assert.equal(a(4_001, extensionNext(4, "x")), []);
  assert.equal(a(4_010, exited("runtime", "terminated")).at(-1), "answer 4: SHUTDOWN timeout, deadline 6000");
});

test("gives SHUTDOWN to an extension that lost its connection when it comes back", () => {
  const a = idleBesides().through(500, dropped(3)).through(1_000, shutdown);
  assert.equal(a(1_010, exited("runtime", 0)), ["clear alarm runtime-kill", "set alarm shutdown at 3000"]);
  assert.equal(a(1_020, extensionNext(4, "x")), ["answer 4: SHUTDOWN spindown, deadline 3000"]);
});

test("gives SHUTDOWN, not the INVOKE it was owed, to an extension that comes back during it", () => {
  const a = idleBesides().through(500, dropped(3), invoke("a")).through(3_500, ring("timeout:a"));
  assert.equal(a(3_501, extensionNext(4, "x")), []);
  assert.equal(a(3_510, exited("runtime", 0)).at(-1), "answer 4: SHUTDOWN timeout, deadline 5500");
});

test("says failure after a crash: the extensions are told at once, for nobody is left to stop", () => {
  const a = idleBesides().through(1_000, invoke("a"), extensionNext(4, "x"));
  assert.equal(a(1_100, exited("runtime", 1)), [
    "record platform.runtimeDone a error Runtime.ExitError 100 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "clear alarm runtime-kill",
    "set alarm shutdown at 3100",
    "answer 4: SHUTDOWN failure, deadline 3100",
  ]);
});

test("kills an extension that reported an error and has not gone", () => {
  const a = idleBesides()
    .through(500, extensionError(4, "x", "exit-error"))
    .through(1_000, shutdown);
  assert.equal(a(1_010, exited("runtime", 0)).at(-1), "SIGKILL to extension:x");
});

test("waits for an extension that has registered and has not called next yet", () => {
  const a = play(["x"]).through(0, init, register(1, "x"), next(2)).through(1_000, shutdown);
  assert.equal(a(1_010, exited("runtime", 0)), ["clear alarm runtime-kill", "set alarm shutdown at 3000"]);
  assert.equal(a(1_020, extensionNext(3, "x")), ["answer 3: SHUTDOWN spindown, deadline 3000"]);
});

test("kills an extension that never registered", () => {
  const a = play(["x"]).through(0, init);
  assert.equal(a(1_000, shutdown), [
    "clear alarm init",
    "clear alarm runtime-kill",
    "set alarm shutdown at 3000",
    "SIGKILL to extension:x",
  ]);
});

test("in a cold environment is over at once, and nothing can follow", () => {
  const a = play();
  assert.equal(a(0, shutdown), ["clear alarm init", "clear alarm runtime-kill", "clear alarm shutdown"]);
  assert.equal(a(1, shutdown), []);
  assert.equal(a(2, init), []);
});

test("in Init tells an invocation that waits for it that the platform failed", () => {
  const a = play().through(0, invoke("a"));
  assert.equal(a(100, shutdown), ["clear alarm init", "clear alarm timeout:a", "SIGKILL to runtime"]);
  assert.equal(a(101, exited("runtime", "killed")), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: fault Sandbox.Failure RequestId: a Error: The execution environment was shut down",
  ]);
});

test("in an Init inside an invocation writes that invocation's START, END and REPORT", () => {
  const a = play().through(0, invoke("a")).through(100, exited("runtime", 1));
  assert.equal(a(200, shutdown), [
    "record platform.start a",
    "record platform.runtimeDone a failure Sandbox.Failure 100 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "SIGKILL to runtime",
  ]);
  assert.equal(a(201, exited("runtime", "killed")), [
    "clear alarm runtime-kill",
    "clear alarm shutdown",
    "complete a: fault Sandbox.Failure RequestId: a Error: The execution environment was shut down",
    "record platform.report a failure Sandbox.Failure 100 ms",
  ]);
});

test("in Invoke tells the caller that the platform failed", () => {
  const a = idle().through(1_000, invoke("a"));
  assert.equal(a(1_500, shutdown), [
    "record platform.runtimeDone a failure Sandbox.Failure 500 ms 0 bytes",
    "clear alarm init",
    "clear alarm timeout:a",
    "SIGKILL to runtime",
  ]);
  assert.equal(a(1_501, exited("runtime", "killed")).slice(2), [
    "complete a: fault Sandbox.Failure RequestId: a Error: The execution environment was shut down",
    "record platform.report a failure Sandbox.Failure 500 ms init 0 ms",
  ]);
});

test("in Invoke leaves a caller that has its response alone", () => {
  const a = idle().through(1_000, invoke("a")).through(1_010, response(2, "a"), ended(2));
  assert.is(a(1_500, shutdown)[0], "record platform.runtimeDone a failure Sandbox.Failure 500 ms 2 bytes");
  assert.equal(a(1_501, exited("runtime", "killed")).slice(2), [
    "record platform.report a failure Sandbox.Failure 500 ms init 0 ms",
  ]);
});

test("during a reset turns it into the end, with the failure that began it", () => {
  const a = idleBesides().through(1_000, invoke("a"), exited("runtime", 1));
  assert.equal(a(1_100, shutdown), []);
  assert.equal(a(1_200, exited("extension:x", 0)).slice(0, 2), [
    "clear alarm shutdown",
    "complete a: fault Runtime.ExitError RequestId: a Error: Runtime exited with error: exit status 1",
  ]);
  assert.equal(a(1_300, init), []);
});

test("during the reset of a failed Init gives an invocation that waits its outcome", () => {
  const a = play().through(0, invoke("a")).through(10_000, ring("init"), shutdown);
  assert.equal(a(10_001, exited("runtime", "killed")).slice(2), [
    "complete a: fault Sandbox.Timedout RequestId: a Error: Init timed out",
  ]);
});

test("of a reset keeps nothing of the extensions that were there", () => {
  const a = idleBesides().through(1_000, exited("runtime", 1), exited("extension:x", 0));
  assert.equal(a(2_000, init), ["set alarm init at 12000", "record platform.initStart invoke", "start extension:x"]);
});

test("has no say in what the runtime still asks for", () => {
  const a = idleBesides().through(1_000, shutdown);
  assert.equal(a(1_001, next(9)), []);
});

test.run();
