/** The stretches of an invocation that its records carry, and the causes of failures. 3.5 */
import * as assert from "uvu/assert";
import type { Input } from "../../src/core/environment/input.ts";
import { newEnvironment } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import type { PlatformRecord } from "../../src/core/telemetry/record.ts";
import {
  ended,
  error,
  exited,
  extensionNext,
  init,
  initError,
  invoke,
  next,
  register,
  response,
  ring,
  usualSettings,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("spans");

type Moment = readonly [at: number, ...inputs: readonly Input[]];

/** Every record of a life, in order. */
function recordsOf(externalExtensions: readonly string[], ...moments: readonly Moment[]): readonly PlatformRecord[] {
  let environment = newEnvironment({ ...usualSettings, externalExtensions });
  const records: PlatformRecord[] = [];
  for (const [at, ...inputs] of moments)
    for (const input of inputs) {
      const [stepped, effects] = step(environment, input, at);
      environment = stepped;
      for (const effect of effects) if (effect.type === "record") records.push(effect.record);
    }
  return records;
}

function last(records: readonly PlatformRecord[], type: PlatformRecord["type"]): PlatformRecord | undefined {
  return records.findLast((record) => record.type === type);
}

const ready: Moment = [0, init, next(1)];

for (const answer of [response, error]) {
  test(`tell how long the ${answer.name} was awaited, sent, and followed by nothing`, () => {
    const life: Moment[] = [ready, [100, invoke("a")], [110, answer(2, "a")], [130, ended(2)], [160, next(3)]];
    const record = last(recordsOf([], ...life), "platform.runtimeDone");
    assert.equal(record && "spans" in record && record.spans, [
      { name: "responseLatency", startAt: 100, durationMs: 10 },
      { name: "responseDuration", startAt: 110, durationMs: 20 },
      { name: "runtimeOverhead", startAt: 130, durationMs: 30 },
    ]);
  });
}

test("are not made up for an invocation without an answer", () => {
  const life: Moment[] = [ready, [100, invoke("a")], [3_200, ring("timeout:a")]];
  assert.equal(last(recordsOf([], ...life), "platform.runtimeDone"), {
    type: "platform.runtimeDone",
    requestId: "a",
    status: "timeout",
    cause: "Task timed out after 3.00 seconds",
    durationMs: 3_000,
    producedBytes: 0,
  });
});

test("end with the runtime that exits after its answer", () => {
  const life: Moment[] = [
    ready,
    [100, invoke("a")],
    [110, response(2, "a")],
    [130, ended(2)],
    [150, exited("runtime", 1)],
  ];
  const record = last(recordsOf([], ...life), "platform.runtimeDone");
  assert.equal(record?.type === "platform.runtimeDone" && [record.spans?.at(-1), record.producedBytes, record.cause], [
    { name: "runtimeOverhead", startAt: 130, durationMs: 20 },
    2,
    "Runtime exited with error: exit status 1",
  ]);
});

test("tell how long the extensions kept the phase open", () => {
  const both: Moment = [0, init, register(1, "x"), extensionNext(2, "x"), next(3)];
  const life: Moment[] = [
    both,
    [100, invoke("a")],
    [110, response(4, "a"), ended(4)],
    [120, next(5)],
    [400, extensionNext(6, "x")],
  ];
  const record = last(recordsOf(["x"], ...life), "platform.report");
  assert.equal(record && "spans" in record && record.spans, [
    { name: "extensionOverhead", startAt: 120, durationMs: 280 },
  ]);
});

test("tell of extensions that ran into the time-out, and of no more than that", () => {
  const both: Moment = [0, init, register(1, "x"), extensionNext(2, "x"), next(3)];
  const life: Moment[] = [
    both,
    [100, invoke("a")],
    [110, response(4, "a"), ended(4)],
    [120, next(5)],
    [3_200, ring("timeout:a")],
    [3_210, exited("runtime", 0)],
    [4_000, exited("extension:x", 0)],
  ];
  const record = last(recordsOf(["x"], ...life), "platform.report");
  assert.ok(record?.type === "platform.report");
  assert.equal([record.status, record.durationMs], ["timeout", 3_000]);
  assert.equal(record.spans, [{ name: "extensionOverhead", startAt: 120, durationMs: 2_980 }]);
});

test("leave a report alone where there are no extensions", () => {
  const life: Moment[] = [ready, [100, invoke("a")], [110, response(2, "a"), ended(2)], [120, next(3)]];
  const record = last(recordsOf([], ...life), "platform.report");
  assert.ok(record !== undefined && !("spans" in record));
});

test("leave an init error that is the answer alone, and its invocation is not done twice", () => {
  const failed: Moment = [0, init, exited("runtime", 1)];
  const life: Moment[] = [failed, [100, invoke("a")], [110, initError(1)], [120, exited("runtime", 1)]];
  const records = recordsOf([], ...life);
  assert.is(last(records, "platform.runtimeDone"), undefined);
  assert.is(last(records, "platform.report")?.type, "platform.report");
});

test.run();
