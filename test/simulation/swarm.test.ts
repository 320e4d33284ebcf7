/** The seeded simulation: it holds for the core, it is the same again for a seed, and it finds cores that are broken. */
import * as assert from "uvu/assert";
import type { Effect, Stepped } from "../../src/core/environment/effect.ts";
import type { Input } from "../../src/core/environment/input.ts";
import type { Environment } from "../../src/core/environment/model.ts";
import type { FunctionEffect } from "../../src/core/function/model.ts";
import { Agenda } from "../../src/simulation/swarm/agenda.ts";
import { core, type Subject } from "../../src/simulation/swarm/function-world.ts";
import { Random } from "../../src/simulation/swarm/random.ts";
import { minimised, SimulationError, simulate } from "../../src/simulation/swarm/simulate.ts";
import { faultKinds, swarmOf } from "../../src/simulation/swarm/swarm.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("simulate()");

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

test("holds every promise over forty seeds, in which every kind of environment and outcome occurs", () => {
  const found = seeds.map((seed) => simulate(seed));
  const types = new Set(found.map(({ swarm }) => swarm.settings.initializationType));
  assert.is(types.size, 4);
  const endings = new Set(found.flatMap((one) => Object.keys(one.endings)));
  assert.equal([...endings].sort(), ["error", "fault", "refused", "response", "stream", "throttled", "timeout"]);
});

test("is the same again for a seed, and another for another", () => {
  assert.equal(simulate(7).endings, simulate(7).endings);
  assert.not.equal(simulate(7).endings, simulate(8).endings);
});

test("leaves every fault out of some swarms and has it in others", () => {
  const swarms = seeds.map((seed) => swarmOf(seed));
  for (const kind of faultKinds) {
    const having = swarms.filter(({ faults }) => faults.has(kind)).length;
    assert.ok(having > 5 && having < 35, `${kind} in ${having} of 40`);
  }
});

type Spoil = (effect: Effect, input: Input, at: number) => readonly Effect[];

function brokenCore(spoil: Spoil): Subject {
  const step = (environment: Environment, input: Input, at: number): Stepped => {
    const [next, effects] = core.step(environment, input, at);
    return [next, effects.flatMap((effect) => spoil(effect, input, at))];
  };
  return { ...core, step };
}

function brokenPlacement(spoil: (effect: FunctionEffect) => readonly FunctionEffect[]): Subject {
  const stepFunction: Subject["stepFunction"] = (state, input, at) => {
    const [next, effects] = core.stepFunction(state, input, at);
    return [next, effects.flatMap(spoil)];
  };
  return { ...core, stepFunction };
}

const without =
  <T extends { readonly type: string }>(type: T["type"], given: (effect: T) => boolean = () => true) =>
  (effect: T): readonly T[] =>
    effect.type === type && given(effect) ? [] : [effect];

/** What is broken, how, and the promise that must be named. Only time shows most of these. */
const canaries: readonly (readonly [string, Subject, RegExp])[] = [
  [
    "tells extensions another deadline than the runtime",
    brokenCore((effect) =>
      effect.type === "answer-call" && effect.answer.type === "invoke-event"
        ? [{ ...effect, answer: { ...effect.answer, deadlineAt: effect.answer.deadlineAt + 1 } }]
        : [effect],
    ),
    /everybody is told of the same deadline/,
  ],
  [
    "sets time-outs too late",
    brokenCore((effect) =>
      effect.type === "set-alarm" && effect.alarm.startsWith("timeout")
        ? [{ ...effect, at: effect.at + 9_000 }]
        : [effect],
    ),
    /everybody has an outcome when the deadline and a shutdown are over/,
  ],
  [
    "sets time-outs too early",
    brokenCore((effect) =>
      effect.type === "set-alarm" && effect.alarm.startsWith("timeout") ? [{ ...effect, at: effect.at - 1 }] : [effect],
    ),
    /nobody is told of a time-out before it is over/,
  ],
  [
    "kills nobody at the end of a shutdown's budget",
    brokenCore((effect, input) =>
      effect.type === "signal-process" && input.type === "alarm" && input.alarm === "shutdown" ? [] : [effect],
    ),
    /everybody has an outcome when|something can still happen|no invocation|in the end/,
  ],
  [
    "never reclaims an environment",
    brokenPlacement(without("set-idle-alarm")),
    /environments that nobody needs are reclaimed/,
  ],
  ["closes no environment", brokenPlacement(without("close-environment")), /in the end|reclaimed/],
  ["creates no environment", brokenPlacement(without("create-environment")), /placed in an environment that exists/],
  ["decides nothing", brokenPlacement(without("throttle")), /placement decides of each invocation at once/],
];

for (const [what, subject, promise] of canaries) {
  test(`finds a core that ${what}`, () => {
    const failure = failureOf(subject);
    assert.match(failure.message, promise);
    assert.match(failure.message, new RegExp(`\nseed ${failure.swarm.seed}, at \\d+ ms: `));
  });
}

test("finds a placement that forgets what is on its way", () => {
  const stepFunction: Subject["stepFunction"] = (state, input, at) =>
    core.stepFunction(state, input.type === "environment-slots" ? { ...input, accepted: 1_000_000 } : input, at);
  assert.match(failureOf({ ...core, stepFunction }).message, /Broken invariant: /);
});

test("tells of a failure with no more kinds of fault than it takes", () => {
  const [, subject] = canaries[1] ?? [];
  if (subject === undefined) throw new Error("There is a second canary");
  const failure = failureOf(subject);
  const smallest = minimised(failure, subject);
  assert.ok(smallest.swarm.faults.size < failure.swarm.faults.size);
  for (const kind of smallest.swarm.faults) {
    const others = new Set(faultKinds.filter((other) => other === kind || !smallest.swarm.faults.has(other)));
    assert.not.throws(() => simulate(smallest.swarm.seed, others, subject));
  }
});

function failureOf(subject: Subject): SimulationError {
  for (const seed of seeds) {
    try {
      simulate(seed, new Set(), subject);
    } catch (error) {
      if (error instanceof SimulationError) return error;
      throw error;
    }
  }
  throw new Error("No seed found it");
}

test("lets things happen in the order of their time, and those of one instant in the order in which they were made", () => {
  const agenda = new Agenda();
  const happened: string[] = [];
  for (const at of [30, 10, 20, 10, 0]) agenda.at(at, () => happened.push(`${at} at ${agenda.now}`));
  agenda.at(10, () => agenda.after(5, () => happened.push(`later at ${agenda.now}`)));
  agenda.run(25, 100);
  assert.equal(happened, ["0 at 0", "10 at 10", "10 at 10", "later at 15", "20 at 20"]);
  agenda.run(100, 100);
  assert.is(happened.at(-1), "30 at 30");
});

test("says so when the world never comes to rest", () => {
  const agenda = new Agenda();
  const again = () => agenda.after(0, again);
  again();
  assert.throws(() => agenda.run(1, 1_000), /comes to rest/);
});

test("has chance that is spread evenly", () => {
  const random = new Random(1);
  const counts = [0, 0, 0, 0];
  for (let n = 0; n < 4_000; n++) counts[random.between(0, 3)] = (counts[random.between(0, 3)] ?? 0) + 1;
  assert.ok(counts.every((count) => count > 0));
  const thrown = Array.from({ length: 4_000 }, () => random.next());
  assert.ok(thrown.every((value) => value >= 0 && value < 1));
  const mean = thrown.reduce((sum, value) => sum + value) / thrown.length;
  assert.ok(mean > 0.47 && mean < 0.53, `${mean}`);
});

test.run();
