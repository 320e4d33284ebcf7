import * as assert from "uvu/assert";
import { Narrator } from "../../src/cli/narrator.ts";
import { emulate } from "../../src/emulator/emulate.ts";
import { type JournalFault, journalOf, journalText, parseJournal, replay } from "../../src/emulator/journal.ts";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { inProcess, played } from "./in-process-runtime.ts";
import { realFunction } from "./real-function.ts";

const test = suite("a journal");

test("leads to the same state when its steps are taken again, through its text too", async () => {
  await using real = await realFunction("answers");
  await real.ask("echo", { value: 1 });
  await real.emulated.close();
  const [environment] = await real.emulated.lambda.environments();
  assert.ok(environment);
  const phases: string[] = [];
  const text = journalText(journalOf(environment));
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
  const journal = journalOf(environment);
  assert.equal(parseJournal(journalText(journal)), journal);
});

test("says what a freeze has interrupted, through its text too, and a replay shows it in its place", async () => {
  const lostWork = { kind: "timer", text: "The function had a timer set" } as const;
  await using lambda = await emulate({
    task: import.meta.dirname,
    supervise: (events) => {
      const supervisor = inProcess(({ event }) => event)(events);
      supervisor.freeze = () => events.lostWork?.([lostWork]);
      return supervisor;
    },
  });
  await (await lambda.invoke({})).logTail;
  await lambda.close();
  const [journal] = await lambda.journals();
  assert.ok(journal);
  assert.equal(
    journal.lostWork.map((each) => each.lostWork),
    [lostWork],
  );
  const read = parseJournal(journalText(journal));
  assert.equal(read, journal);
  const narrator = new Narrator();
  replay(read, (...step) => narrator.stepped(...step));
  for (const entry of read.lostWork) narrator.lostWork(entry);
  const told = narrator.moments.map(({ what }) => what);
  const at = told.indexOf("Lost work: The function had a timer set");
  assert.ok(at > told.indexOf("Invoke phase begins") && at < told.indexOf("Shutdown phase begins"), told.join("\n"));
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
