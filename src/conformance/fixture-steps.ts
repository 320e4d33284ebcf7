import { type Fixture, fixtureLacks, javascriptFixture } from "./fixture.ts";
import type { RuntimeCase } from "./runtime-case.ts";
import type { CaseResult } from "./verdict.ts";

const contract = 'docs/CONFORMANCE.md says how, under "The fixture"';

/** What a person would do about the function that the runtime was given, after this run. */
export function fixtureSteps(
  fixture: Fixture,
  cases: readonly RuntimeCase[],
  results: readonly CaseResult[],
): readonly string[] {
  const outcome = (id: string) => results.find(({ facts }) => facts.id === id)?.verdict.type;
  // Nothing of a function is seen before its first answer.
  const served = outcome("RT-BOOT-001") !== "failed" && outcome("RT-INV-001") !== "failed";
  if (!served && fixture.folder === javascriptFixture())
    return [
      `It was given a function in JavaScript: name one in the runtime's own language with --task DIR. ${contract}`,
    ];
  const waiting = cases.filter(({ id, needs }) => outcome(id) === "not-applicable" && fixtureLacks(fixture, needs));
  if (!served || waiting.length === 0) return [];
  const wanted = mostWanted(waiting.flatMap(({ needs }) => missingIn(fixture, needs)));
  return [`${waiting.length} cases wait for what the fixture does not offer, such as ${wanted}: ${contract}`];
}

function missingIn(fixture: Fixture, { operations = [], init }: RuntimeCase["needs"]): readonly string[] {
  const missing = operations.filter((operation) => !fixture.operations.includes(operation));
  return init === undefined || fixture.init[init] !== undefined ? missing : [...missing, init];
}

/** The three words that stand in most cases, and in how many. */
function mostWanted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const first = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 3);
  return first.map(([word, count]) => `"${word}" (${count})`).join(", ");
}
