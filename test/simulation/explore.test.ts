/** The exhaustive search: it closes, it finds what is broken, and the docs show what it saw. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import type { Effect, Stepped } from "../../src/core/environment/effect.ts";
import type { Input } from "../../src/core/environment/input.ts";
import type { Environment } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import { diagramPage } from "../../src/simulation/diagram.ts";
import { CounterexampleError, explore, type PhaseEdge } from "../../src/simulation/explore.ts";
import { type Kind, type Space, smallSpaces } from "../../src/simulation/scopes.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("explore()");

/** Below these a search has stopped early or lost moves; the exact numbers change whenever the core does. */
const statesMin: Readonly<Record<string, number>> = {
  "a runtime alone": 100,
  "one external extension": 6_000,
  "one internal extension": 2_500,
  "a snapshot": 100,
  "a snapshot and an external extension": 500,
  "two invocations at once": 500,
  "one invocation on Managed Instances and an external extension": 500,
};

const edges: Record<Kind, PhaseEdge[]> = { "on demand": [], SnapStart: [], "Managed Instances": [] };

for (const space of smallSpaces) {
  test(`closes over ${space.name} without a broken promise`, () => {
    const found = explore(space.settings, space.scope);
    edges[space.kind].push(...found.edges);
    const floor = statesMin[space.name] ?? Number.POSITIVE_INFINITY;
    assert.ok(found.states > floor, `${found.states} states, expected more than ${floor}`);
    assert.ok(found.transitions > 10 * found.states, `${found.transitions} transitions from ${found.states} states`);
  });
}

test("sees the same diagram that the docs show: npm run --silent explore -- --page prints it", () => {
  const page = readFileSync(new URL("../../docs/state-diagram.md", import.meta.url), "utf8");
  assert.fixture(page, diagramPage(edges));
});

type Spoil = (effect: Effect) => readonly Effect[];

/** A core whose effects pass through `spoil`. */
function broken(spoil: Spoil): typeof step {
  return (environment: Environment, input: Input, at: number): Stepped => {
    const [next, effects] = step(environment, input, at);
    return [next, effects.flatMap(spoil)];
  };
}

const without =
  (type: Effect["type"]): Spoil =>
  (effect) =>
    effect.type === type ? [] : [effect];
const twice =
  (type: Effect["type"]): Spoil =>
  (effect) =>
    effect.type === type ? [effect, effect] : [effect];

/** What is broken, the promise that the search must name. */
const canaries = [
  ["never freezes", without("freeze"), "frozen exactly while idle"],
  ["never thaws", without("thaw"), "frozen exactly while idle"],
  ["never clears an alarm", without("clear-alarm"), "no alarm outlives its phase"],
  ["never sets an alarm", without("set-alarm"), "something can still happen"],
  ["loses outcomes", without("complete-invocation"), "no invocation is lost when the environment closes"],
  ["gives two outcomes", twice("complete-invocation"), 'invocation "a" gets one outcome'],
  ["answers calls twice", twice("answer-call"), "is answered once"],
  ["leaves refused calls open", without("refuse-call"), "no call is let go without an answer"],
  ["starts processes twice", twice("start-process"), "is started once"],
  ["never starts a process", without("start-process"), "the environment knows which processes are alive"],
  ["never takes processors away", without("share-processors"), "an Init phase has all processors"],
] as const;

const [alone] = smallSpaces as readonly [Space, ...Space[]]; // the list is a literal with three entries

for (const [what, spoil, promise] of canaries) {
  test(`finds a core that ${what}, with the way there`, () => {
    const found = counterexample(() => explore(alone.settings, alone.scope, { step: broken(spoil) }));
    assert.match(found.message, promise);
    assert.ok(found.path.length > 0 && found.path.length < 8, `${found.path.length} inputs`);
    const last = found.path.at(-1);
    assert.ok(found.message.endsWith(JSON.stringify(last)), "the message ends with the input that broke the promise");
  });
}

test("finds a core that begins an invocation with the processors of its Init", () => {
  const late: typeof step = (environment, input, at) => {
    const [next, effects] = step(environment, input, at);
    const shares = effects.filter(({ type }) => type === "share-processors");
    return [next, [...effects.filter(({ type }) => type !== "share-processors"), ...shares]];
  };
  const found = counterexample(() => explore(alone.settings, alone.scope, { step: late }));
  assert.match(found.message, "no invocation begins before its share holds");
});

test("finds a state that breaks a promise by itself", () => {
  const forgetful: typeof step = (environment, input, at) => {
    const [next, effects] = step(environment, input, at);
    return [next.phase.at === "idle" ? { ...next, runtime: { at: "started" } } : next, effects];
  };
  const found = counterexample(() => explore(alone.settings, alone.scope, { step: forgetful }));
  assert.match(found.message, "an idle environment is initialised");
  assert.equal(
    found.path.map((input) => input.type),
    ["init", "runtime-next"],
  );
});

test("says that a search did not close", () => {
  assert.throws(() => explore(alone.settings, alone.scope, { statesMax: 50 }), /did not close within 50 states/);
});

function counterexample(search: () => unknown): CounterexampleError {
  try {
    search();
  } catch (error) {
    if (error instanceof CounterexampleError) return error;
    throw error;
  }
  throw new Error("The search found nothing");
}

test.run();
