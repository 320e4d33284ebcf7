/** What an environment says that it could take; placement relies on it. */
import * as assert from "uvu/assert";
import type { Input } from "../../src/core/environment/input.ts";
import { newEnvironment, type Settings } from "../../src/core/environment/model.ts";
import { step } from "../../src/core/environment/step.ts";
import { slotsOf } from "../../src/core/environment/views.ts";
import {
  dropped,
  ended,
  exited,
  init,
  invoke,
  next,
  play,
  response,
  restoreNext,
  ring,
  shutdown,
  usualSettings,
} from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("slotsOf()");

function slotsAfter(settings: Partial<Settings>, ...inputs: readonly Input[]): number {
  const first = newEnvironment({ ...usualSettings, ...settings });
  return slotsOf(inputs.reduce((environment, input) => step(environment, input, 0)[0], first));
}

const managed = { initializationType: "lambda-managed-instances", invocationsMax: 2 } as const;
const snapStart = { initializationType: "snap-start" } as const;
const provisioned = { initializationType: "provisioned-concurrency" } as const;
const answered = [response(3, "a"), ended(3)] as const;

const table: readonly (readonly [string, number, Partial<Settings>, readonly Input[]])[] = [
  ["a new environment", 1, {}, []],
  ["one that initialises", 1, {}, [init]],
  ["one that initialises for an invocation", 0, {}, [invoke("a")]],
  ["one at rest", 1, {}, [init, next(1)]],
  ["one inside an Invoke phase", 0, {}, [init, next(1), invoke("a")]],
  ["one whose runtime has answered and not come back", 0, {}, [init, next(1), invoke("a"), ...answered]],
  ["one that was reset", 1, {}, [init, next(1), invoke("a"), ring("timeout:a"), exited("runtime", "killed")]],
  ["one that shuts down", 0, {}, [init, next(1), shutdown]],
  ["one that has closed", 0, {}, [shutdown]],
  ["one that initialises ahead", 0, provisioned, [init]],
  ["one that has initialised ahead", 1, provisioned, [init, next(1)]],
  ["a snapshot", 1, snapStart, [init, restoreNext(1)]],
  ["a snapshot that is being restored", 0, snapStart, [init, restoreNext(1), invoke("a")]],
  ["Managed Instances that initialise", 2, managed, [init]],
  ["Managed Instances that initialise for one", 1, managed, [invoke("a")]],
  ["Managed Instances of which one worker waits", 1, managed, [init, next(1)]],
  ["Managed Instances of which three workers wait", 2, managed, [init, next(1), next(2), next(3)]],
  [
    "Managed Instances of which three workers wait and two work",
    0,
    managed,
    [init, ...[1, 2, 3, 4, 5].map(next), invoke("a"), invoke("b")],
  ],
  ["Managed Instances of which one waits and one works", 1, managed, [init, next(1), next(2), invoke("a")]],
  ["Managed Instances whose worker was lost", 0, managed, [init, next(1), dropped(1)]],
  [
    "Managed Instances whose worker has answered and not come back",
    0,
    managed,
    [init, next(1), invoke("a"), ...answered],
  ],
];

for (const [what, slots, settings, inputs] of table) {
  test(`${what}: ${slots}`, () => assert.is(slotsAfter(settings, ...inputs), slots));
}

test("an Init ahead of invocations that fails is repeated inside the first, on provisioned concurrency too", () => {
  const a = play([], 3_000, provisioned).through(0, init, exited("runtime", 1));
  assert.equal(a(10, invoke("a")), [
    "set alarm timeout:a at 3010",
    "record platform.initStart invoke",
    "start runtime",
  ]);
});

test.run();
