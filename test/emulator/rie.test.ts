/** The official emulator's answers to our script, which were recorded once, against ours with the profile `rie`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { differences } from "./rie/differences.ts";
import { ours } from "./rie/ours.ts";
import type { Answer } from "./rie/play.ts";
import { scenarios } from "./rie/script.ts";

const test = suite("the official emulator and ours:");

type Answers = Readonly<Record<string, Answer>>;
const recorded: Readonly<Record<string, Answers>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "rie/recorded.json"), "utf8"),
).answers;

// Side by side: one of them waits for a time-out. A failure is told by its own test.
const played = new Map(scenarios.map((scenario) => [scenario, Promise.allSettled([ours(scenario)])]));

for (const [scenario, playing] of played) {
  test(scenario.name, async () => {
    const [settled] = await playing;
    if (settled.status === "rejected") throw settled.reason;
    // Through JSON, as the record: what is undefined is absent.
    const answers: Answers = JSON.parse(JSON.stringify(settled.value));
    assert.equal(answers, expected(scenario.name, recorded[scenario.name] ?? {}));
  });
}

test("the record is of this script", () => {
  assert.equal(
    Object.keys(recorded),
    scenarios.map(({ name }) => name),
  );
});

test("no difference is listed that is none", () => {
  const stale = differences.filter(({ scenario, answer, ours }) => {
    const meant = scenario === "*" ? Object.values(recorded) : [recorded[scenario] ?? {}];
    const before = meant.flatMap((answers) => answers[answer] ?? []);
    return before.length === 0 || before.every((found) => ours !== undefined && same(found, { ...found, ...ours }));
  });
  assert.equal(stale, []);
});

/** The record, with every difference that is listed for it. */
function expected(name: string, answers: Answers): Answers {
  const changed = Object.entries(answers).flatMap(([answer, found]) => {
    const listed = differences.filter(
      (one) => one.answer === answer && (one.scenario === "*" || one.scenario === name),
    );
    if (listed.some(({ ours }) => ours === undefined)) return [];
    // as: an answer with some of its fields exchanged.
    return [[answer, Object.assign({}, found, ...listed.map(({ ours }) => ours)) as Answer] as const];
  });
  return Object.fromEntries(changed);
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

test.run();
