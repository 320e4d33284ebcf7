import * as assert from "uvu/assert";
import { type JournalFault, journalText, parseJournal, replay } from "../../src/emulator/journal.ts";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { played } from "./in-process-runtime.ts";
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
  const text = journalText({ settings, entries: environment.journal, faults: environment.faults });
  const state = replay(parseJournal(text), (_entry, _effects, { phase }) => phases.push(phase.at));
  assert.equal(state, environment.state);
  assert.is(phases.at(-1), "closed");
  assert.ok(phases.includes("invoke"));
});

test("says which fault of the plan was carried out, and when", async () => {
  const faults = { faults: [{ type: "split", answer: { call: "next", nth: 2 }, bytes: 5 }] } as const;
  const heard: JournalFault[] = [];
  const observer = () => ({ faulted: (entry: JournalFault) => heard.push(entry) });
  await using service = await played(({ event }) => event, { faults, observer });
  for (const event of [1, 2]) await (await service.lambda.invoke(invocation(event))).logTail;
  const [environment] = await service.lambda.environments();
  assert.ok(environment);
  const path = "/2018-06-01/runtime/invocation/next";
  assert.equal(
    environment.faults.map(({ fault }) => fault),
    [{ fault: 1, type: "split", method: "GET", path, nth: 2 }],
  );
  assert.equal(heard, environment.faults);
  const { settings } = environment.state;
  const journal = { settings, entries: environment.journal, faults: environment.faults };
  assert.equal(parseJournal(journalText(journal)), journal);
});

test("a plan that is none is refused before anything is unpacked", async () => {
  await rejects(LambdaFunction.create({ task: "nowhere", faults: { faults: [] } }), /^The fault plan is not usable/);
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

function invocation(event: number) {
  return {
    requestId: `r-${event}`,
    invocationId: `i-${event}`,
    event: Buffer.from(String(event)),
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:hello",
  };
}

test.run();
