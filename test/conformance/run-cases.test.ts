import { mock } from "node:test";
import * as assert from "uvu/assert";
import type { CaseFacts } from "../../src/conformance/case.ts";
import { runCases } from "../../src/conformance/run-cases.ts";
import type { Verdict } from "../../src/conformance/verdict.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("a run of cases");

const facts: CaseFacts = { id: "RT-NONE-001", level: "must", sentence: "S", why: "W", source: "none" };
const passed: Verdict = { type: "passed", observations: [] };
const missing: Verdict = {
  type: "failed",
  findings: [{ expected: "an answer", saw: "none" }],
  observations: [],
  transcript: [],
};
const wrong: Verdict = { ...missing, shown: true };

for (const [what, busy, verdicts, attempts, type] of [
  ["passes what passes", true, [passed], 1, "passed"],
  ["looks again for what was missing on a busy machine", true, [missing, missing, passed], 3, "passed"],
  ["blames the subject for what is missing again and again", true, [missing, missing, missing], 3, "failed"],
  ["blames the subject at once where the machine had time", false, [missing], 1, "failed"],
  ["blames the subject at once for something wrong that was seen", true, [wrong], 1, "failed"],
] as const) {
  test(what, async () => {
    const left = [...verdicts];
    const judge = async () => left.shift() ?? passed;
    const [result] = await runCases({ cases: [facts], judge, load: () => () => busy });
    assert.is(result?.verdict.type, type);
    assert.is(left.length, 0);
    const noted = result?.verdict.type === "passed" ? result.verdict.observations : [];
    assert.is(noted.length, type === "passed" ? attempts - 1 : 0);
    for (const line of noted) assert.is(line, "on a busy machine it failed at first (an answer: none)");
  });
}

for (const [what, verdict, type] of [
  ["does not reach a case whose dependency failed", wrong, "not-reached"],
  ["judges a case whose dependency failed in what nothing hangs on", { ...wrong, alone: true }, "passed"],
] as const) {
  test(what, async () => {
    const dependent: CaseFacts = { ...facts, id: "RT-NONE-002", dependsOn: [facts.id] };
    const judge = async ({ id }: CaseFacts) => (id === facts.id ? verdict : passed);
    const [, second] = await runCases({ cases: [facts, dependent], judge });
    assert.is(second?.verdict.type, type);
  });
}

test("has more patience each time", async () => {
  const patience: number[] = [];
  const judge = async (_: CaseFacts, __: AbortSignal, timeScale: number) => {
    patience.push(timeScale);
    return missing;
  };
  await runCases({ cases: [facts], judge, timeScale: 2, load: () => () => true });
  assert.equal(patience, [2, 4, 6]);
});

test("lets a case take as much longer as the subject may", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (const [timeScale, seconds] of [
      [1, 160],
      [3, 360],
    ] as const) {
      let ended = false;
      const run = runCases({ cases: [facts], judge: () => new Promise<Verdict>(() => {}), timeScale });
      const failure = rejects(run, new RegExp(`did not end within ${seconds}000 ms`)).then(() => (ended = true));
      // The case has begun by then.
      await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(seconds * 1_000 - 1);
      await new Promise((resolve) => setImmediate(resolve));
      assert.not.ok(ended);
      mock.timers.tick(1);
      await failure;
    }
  } finally {
    mock.timers.reset();
  }
});

test.run();
