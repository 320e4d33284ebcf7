/** SnapStart: protocol 1.3 and 1.8. */
import * as assert from "uvu/assert";
import {
  dropped,
  ended,
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
  restoreError,
  restoreNext,
  ring,
  shutdown,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("SnapStart");

function forbidden(from: string, to: string): string {
  return `403 InvalidStateTransition State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`;
}

function snapStart(extensions: readonly string[] = []): Play {
  return play(extensions, 3_000, { initializationType: "snap-start", initTimeoutMs: 130_000 });
}

/** Frozen, with the runtime in `restore/next` on call 1. */
function snapshot(): Play {
  return snapStart().through(0, init, restoreNext(1));
}

test("takes the snapshot when the runtime waits in restore/next: Init has its report, and everything stops", () => {
  const a = snapStart();
  assert.equal(a(0, init), ["set alarm init at 130000", "record platform.initStart init", "start runtime"]);
  assert.equal(a(800, restoreNext(1)), [
    "record platform.initRuntimeDone init success",
    "clear alarm init",
    "record platform.initReport init success 800 ms",
    "freeze",
  ]);
});

test("restores for the invocation that comes: 200 without a body, then ten seconds for the hooks", () => {
  const a = snapshot();
  assert.equal(a(5_000, invoke("a")), [
    "thaw",
    "set alarm restore at 15000",
    "record platform.restoreStart",
    "answer 1: restored",
  ]);
  assert.equal(a(5_100, next(2)), [
    "clear alarm restore",
    "record platform.restoreRuntimeDone success",
    "record platform.restoreReport success 100 ms",
    "set alarm timeout:a at 8100",
    "record platform.start a",
    "answer 2: invocation a, deadline 8100",
  ]);
});

test("reports the restore with the first invocation, the Init with none, and rests like any other from then on", () => {
  const a = snapshot().through(0, invoke("a"));
  a.through(100, next(2), response(3, "a"), ended(3));
  assert.equal(a(140, next(4)).slice(-3), [
    "clear alarm timeout:a",
    "record platform.report a success 40 ms restore 100 ms",
    "freeze",
  ]);
  assert.equal(a(200, invoke("b")).slice(0, 2), ["thaw", "set alarm timeout:b at 3200"]);
});

test("restores at once for an invocation that waited for Init", () => {
  const a = snapStart().through(0, invoke("a"));
  assert.equal(a(800, restoreNext(1)).slice(-5), [
    "freeze",
    "thaw",
    "set alarm restore at 10800",
    "record platform.restoreStart",
    "answer 1: restored",
  ]);
});

test("takes the snapshot of a runtime that asks for next instead, which has nothing to restore", () => {
  const a = snapStart().through(0, init);
  assert.equal(a(1, next(1)).at(-1), "freeze");
  assert.equal(a(9, invoke("a")), [
    "thaw",
    "set alarm restore at 10009",
    "record platform.restoreStart",
    "clear alarm restore",
    "record platform.restoreRuntimeDone success",
    "record platform.restoreReport success 0 ms",
    "set alarm timeout:a at 3009",
    "record platform.start a",
    "answer 1: invocation a, deadline 3009",
  ]);
});

test("waits with the snapshot for the extensions", () => {
  const a = snapStart(["x"]).through(0, init, register(1, "x"));
  assert.equal(a(1, restoreNext(2)), ["record platform.initRuntimeDone init success"]);
  assert.equal(a(2, extensionNext(3, "x")).at(-1), "freeze");
});

test("closes the registration of extensions with restore/next", () => {
  const a = snapStart(["x"]).through(0, init, register(1, "x"), restoreNext(2));
  const closed = "403 Extension.RegistrationClosed Extension registration closed already";
  assert.equal(a(1, register(3, "late", [])), [`refuse 3: ${closed}`]);
});

/** In the words of 1.3, for a runtime that waits in restore/next, one that was restored, and one that serves. */
test("refuses what the state of the runtime does not allow", () => {
  const a = snapshot();
  assert.equal(a(1, restoreNext(9)), [`refuse 9: ${forbidden("RestoreReady", "Ready")}`]);
  assert.equal(a(1, next(9)), [`refuse 9: ${forbidden("RestoreReady", "Ready")}`]);
  assert.equal(a(1, initError(9)), [`refuse 9: ${forbidden("RestoreReady", "InitError")}`]);
  assert.equal(a(1, restoreError(9)), [`refuse 9: ${forbidden("RestoreReady", "RuntimeRestoreErrorState")}`]);
  a(2, invoke("a"));
  assert.equal(a(3, restoreNext(9)), [`refuse 9: ${forbidden("Restoring", "Ready")}`]);
  assert.equal(a(3, response(9, "a")), ["refuse 9: 400 InvalidRequestID Invalid request ID"]);
  a(4, next(2));
  assert.equal(a(5, restoreNext(9)), [`refuse 9: ${forbidden("Running", "Ready")}`]);
  assert.equal(a(5, restoreError(9)), [`refuse 9: ${forbidden("Running", "RuntimeRestoreErrorState")}`]);
});

test("refuses a restore error before there was anything to restore", () => {
  const a = snapStart().through(0, init);
  assert.equal(a(1, restoreError(9)), [`refuse 9: ${forbidden("Started", "RuntimeRestoreErrorState")}`]);
});

const told = "complete a: refused SnapStartException";

test("tells the caller of a hook that failed, and makes the snapshot anew for the next", () => {
  const a = snapshot().through(0, invoke("a"));
  assert.equal(a(30, restoreError(2, "Runtime.AfterRestoreError")), [
    "answer 2: accepted",
    "record platform.restoreRuntimeDone error Runtime.AfterRestoreError",
    told,
  ]);
  assert.equal(a(31, next(3)), [`refuse 3: ${forbidden("RuntimeRestoreErrorState", "Ready")}`]);
  assert.equal(a(35, exited("runtime", 65)), [
    "record platform.restoreReport error Runtime.AfterRestoreError 35 ms",
    "clear alarm init",
    "clear alarm restore",
    "clear alarm runtime-kill",
    "clear alarm shutdown",
  ]);
  assert.equal(a(40, invoke("b")), ["set alarm init at 130040", "record platform.initStart init", "start runtime"]);
});

test("records the type of a restore error as any other: what is no type of Lambda's is unknown (1.6)", () => {
  const a = snapshot().through(0, invoke("a"));
  assert.equal(a(1, restoreError(2, "Foo"))[1], "record platform.restoreRuntimeDone error Runtime.Unknown");
});

test("takes an init error after the restore for a restore error (1.3)", () => {
  const a = snapshot().through(0, invoke("a"));
  assert.equal(a(1, initError(2, { errorType: "Function.Boom" })), [
    "answer 2: accepted",
    "record platform.restoreRuntimeDone error Function.Boom",
    told,
  ]);
});

test("tells the caller of a runtime that goes without a word", () => {
  const a = snapshot().through(0, invoke("a"));
  const effects = a(1, exited("runtime", 1));
  assert.ok(effects.includes("record platform.restoreRuntimeDone error Runtime.ExitError"), effects.join("\n"));
  assert.ok(effects.includes(told));
});

test("gives a restore ten seconds", () => {
  const a = snapshot().through(0, invoke("a"));
  assert.equal(a(10_000, ring("restore")), [
    "record platform.restoreRuntimeDone timeout",
    "record platform.restoreReport timeout 10000 ms",
    "clear alarm init",
    "clear alarm restore",
    "clear alarm timeout:a",
    "SIGKILL to runtime",
  ]);
  assert.ok(a(10_001, exited("runtime", "killed")).includes("complete a: refused SnapStartTimeoutException"));
});

test("kills a runtime that reported and does not go, without a second word to anybody", () => {
  const a = snapshot().through(0, invoke("a"), restoreError(2));
  assert.equal(a(10_000, ring("restore")), [
    "record platform.restoreReport timeout 10000 ms",
    "clear alarm init",
    "clear alarm restore",
    "SIGKILL to runtime",
  ]);
});

test("holds the place of a restore/next whose connection is lost", () => {
  const a = snapshot().through(0, dropped(1));
  assert.equal(a(1, invoke("a")), ["thaw", "set alarm restore at 10001", "record platform.restoreStart"]);
  assert.equal(a(2, restoreNext(2)), ["answer 2: restored"]);
});

test("tells the caller that waits for an Init that fails: nothing is repeated inside its invocation", () => {
  const posted = snapStart().through(0, invoke("a"));
  assert.equal(posted(1, initError(1, { errorType: "Runtime.BeforeSnapshotError" })), [
    "answer 1: accepted",
    "record platform.initRuntimeDone init error Runtime.BeforeSnapshotError",
    "complete a: error of call 1",
  ]);
  const crashed = snapStart().through(0, invoke("a"));
  assert.ok(
    crashed(1, exited("runtime", 64)).includes(
      "complete a: fault Runtime.ExitError RequestId: a Error: Runtime exited with error: exit status 64",
    ),
  );
  assert.equal(crashed(2, invoke("b")).slice(1), ["record platform.initStart init", "start runtime"]);
});

test("makes the snapshot anew after a reset, ahead of the invocation it is restored for", () => {
  const a = snapshot().through(0, invoke("a"), next(2), ring("timeout:a"), exited("runtime", "killed"));
  assert.equal(a(10, invoke("b")), ["set alarm init at 130010", "record platform.initStart init", "start runtime"]);
});

test("thaws a snapshot that is shut down", () => {
  assert.equal(snapshot()(1, shutdown), ["thaw", "clear alarm init", "SIGKILL to runtime"]);
});

test.run();
