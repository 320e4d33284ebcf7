/** Placement: which environment takes an invocation. */
import * as assert from "uvu/assert";
import { checkFunctionInvariants } from "../../src/core/function/invariants.ts";
import { type FunctionEffect, type FunctionInput, newFunction } from "../../src/core/function/model.ts";
import { stepFunction } from "../../src/core/function/step.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("stepFunction()");

type Play = (input: FunctionInput, at?: number) => readonly string[];

function play(environmentsMax: number, invocationsMax = 1): Play {
  let state = newFunction({ environmentsMax, invocationsMax, idleTimeoutMs: 600 });
  return (input, at = 0) => {
    const [next, effects] = stepFunction(state, input, at);
    checkFunctionInvariants(next);
    state = next;
    return effects.map(sayEffect);
  };
}

function sayEffect(effect: FunctionEffect): string {
  if (effect.type === "create-environment") {
    return `create-environment ${effect.environmentId}${effect.provisioned ? " provisioned" : ""}`;
  }
  const { type, ...facts } = effect;
  return [type, ...Object.values(facts)].join(" ");
}

const invoke = (requestId: string): FunctionInput => ({ type: "invoke", requestId });
/** An environment that takes one at a time and has none in hand. */
const available = (environmentId: number, accepted = 1): FunctionInput => slots(environmentId, 1, accepted, true);
const slots = (environmentId: number, slots: number, accepted: number, idle = false): FunctionInput => ({
  type: "environment-slots",
  environmentId,
  slots,
  accepted,
  idle,
});
const closed = (environmentId: number): FunctionInput => ({ type: "environment-closed", environmentId });

test("makes an environment for an invocation that finds none free", () => {
  const a = play(2);
  assert.equal(a(invoke("a")), ["create-environment 1", "place-invocation a 1"]);
  assert.equal(a(invoke("b")), ["create-environment 2", "place-invocation b 2"]);
});

test("places an invocation in the oldest environment that is free, once", () => {
  const a = play(3);
  for (const input of [invoke("a"), invoke("b"), available(2), available(1)]) a(input);
  assert.equal(a(invoke("c")), ["clear-idle-alarm 1", "place-invocation c 1"]);
  assert.equal(a(invoke("d")), ["clear-idle-alarm 2", "place-invocation d 2"]);
  assert.equal(a(invoke("e")), ["create-environment 3", "place-invocation e 3"]);
});

test("throttles what would need one environment more than there may be", () => {
  const a = play(1);
  a(invoke("a"));
  assert.equal(a(invoke("b")), ["throttle b ReservedFunctionConcurrentInvocationLimitExceeded"]);
  assert.equal(play(0)(invoke("a")), ["throttle a ReservedFunctionConcurrentInvocationLimitExceeded"]);
});

test("makes room when an environment has closed, and never uses its id again", () => {
  const a = play(1);
  for (const input of [invoke("a"), available(1), closed(1)]) a(input);
  assert.equal(a(invoke("b")), ["create-environment 2", "place-invocation b 2"]);
});

const idleAlarm = (environmentId: number): FunctionInput => ({ type: "idle-alarm", environmentId });

test("reclaims an environment that was idle for too long, and makes a new one for the next invocation", () => {
  const a = play(2);
  a(invoke("a"), 0);
  assert.equal(a(available(1), 100), ["set-idle-alarm 1 700"]);
  assert.equal(a(idleAlarm(1), 700), ["close-environment 1"]);
  assert.equal(a(invoke("b"), 701), ["create-environment 2", "place-invocation b 2"]);
  assert.equal(a(closed(1), 702), ["clear-idle-alarm 1"]);
});

test("counts an environment that is being reclaimed until it has closed", () => {
  const a = play(1);
  for (const input of [invoke("a"), available(1), idleAlarm(1)]) a(input);
  assert.equal(a(invoke("b")), ["throttle b ReservedFunctionConcurrentInvocationLimitExceeded"]);
});

test("keeps tenants apart: an environment serves the one that it was made for", () => {
  const a = play(3);
  const of = (requestId: string, tenantId: string): FunctionInput => ({ type: "invoke", requestId, tenantId });
  for (const input of [of("a", "blue"), available(1)]) a(input);
  assert.equal(a(of("b", "green")), ["create-environment 2", "place-invocation b 2"]);
  assert.equal(a(of("c", "blue")), ["clear-idle-alarm 1", "place-invocation c 1"]);
  for (const input of [available(1), closed(1)]) a(input);
  assert.equal(a(of("d", "blue")), ["create-environment 3", "place-invocation d 3"]);
});

test("lets an alarm that rings late do nothing", () => {
  const a = play(1);
  for (const input of [invoke("a"), available(1), invoke("b")]) a(input);
  assert.equal(a(idleAlarm(1)), []);
  assert.equal(a(idleAlarm(7)), []);
});

test("fills an environment that takes several at once before it makes another", () => {
  const a = play(2, 2);
  assert.equal(a(invoke("a")), ["create-environment 1", "place-invocation a 1"]);
  assert.equal(a(invoke("b")), ["place-invocation b 1"]);
  assert.equal(a(invoke("c")), ["create-environment 2", "place-invocation c 2"]);
  assert.equal(a(slots(1, 1, 2)), []);
  assert.equal(a(invoke("d")), ["place-invocation d 1"]);
  assert.equal(a(invoke("e")), ["place-invocation e 2"]);
  assert.equal(a(invoke("f")), ["throttle f ReservedFunctionConcurrentInvocationLimitExceeded"]);
});

test("takes off what is on its way from what an environment says that it could take", () => {
  const a = play(1, 2);
  for (const input of [invoke("a"), invoke("b")]) a(input);
  assert.equal(a(slots(1, 1, 1)), []);
  assert.equal(a(invoke("c")), ["throttle c ReservedFunctionConcurrentInvocationLimitExceeded"]);
  assert.equal(a(slots(1, 2, 1, true)), [], "not idle: one is on its way");
  assert.equal(a(invoke("d")), ["place-invocation d 1"]);
});

test("takes the alarm of an environment back that begins something by itself", () => {
  const a = play(1);
  for (const input of [invoke("a"), available(1)]) a(input);
  assert.equal(a(slots(1, 0, 1)), ["clear-idle-alarm 1"]);
  assert.equal(a(idleAlarm(1)), []);
  assert.equal(a(available(1), 50), ["set-idle-alarm 1 650"]);
  assert.equal(a(available(1), 60), [], "it was idle before");
});

test("makes provisioned environments ahead, uses them when they are ready, and never reclaims them", () => {
  const a = play(3);
  const created = ["create-environment 1 provisioned", "create-environment 2 provisioned"];
  assert.equal(a({ type: "provision", count: 2 }), created);
  assert.equal(a(invoke("a")), ["create-environment 3", "place-invocation a 3"]);
  assert.equal(a(slots(1, 1, 0, true)), []);
  assert.equal(a(idleAlarm(1)), []);
  assert.equal(a(invoke("b")), ["place-invocation b 1"]);
  assert.equal(a(invoke("c")), ["throttle c ReservedFunctionConcurrentInvocationLimitExceeded"]);
});

test("makes no more provisioned environments than there may be", () => {
  assert.equal(play(1)({ type: "provision", count: 2 }), ["create-environment 1 provisioned"]);
});

test("hears nothing of an environment that is being reclaimed", () => {
  const a = play(1);
  for (const input of [invoke("a"), available(1), idleAlarm(1)]) a(input);
  assert.equal(a(available(1)), []);
  assert.equal(a(invoke("b")), ["throttle b ReservedFunctionConcurrentInvocationLimitExceeded"]);
});

test.run();
