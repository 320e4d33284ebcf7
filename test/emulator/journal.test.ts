import * as assert from "uvu/assert";
import { journalText, parseJournal, replay } from "../../src/emulator/journal.ts";
import { suite } from "../helpers/suite.ts";
import { realFunction } from "./real-function.ts";

const test = suite("a journal");

test("leads to the same state when its steps are taken again, through its text too", async () => {
  await using real = await realFunction("answers");
  await real.ask("echo", { value: 1 });
  await real.emulated.close();
  const [environment] = await real.emulated.lambda.environments();
  assert.ok(environment);
  const { settings } = environment.state;
  const phases: string[] = [];
  const text = journalText({ settings, entries: environment.journal });
  const state = replay(parseJournal(text), (_entry, _effects, { phase }) => phases.push(phase.at));
  assert.equal(state, environment.state);
  assert.is(phases.at(-1), "closed");
  assert.ok(phases.includes("invoke"));
});

const bad = [
  ["", /Line 1 of the journal has no settings/],
  ["{}", /Line 1 of the journal has no settings/],
  ["{bad", /Line 1 of the journal is not a JSON object/],
  ['{"settings":{}}\n[]\n7', /Line 3 of the journal is not a JSON object/],
  ['{"settings":{}}\n{"at":1}', /Line 2 of the journal is no input with its instant/],
] as const;

for (const [text, message] of bad) {
  test(`is refused when it reads ${JSON.stringify(text)}`, () => assert.throws(() => parseJournal(text), message));
}

test.run();
