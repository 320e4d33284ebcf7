import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { emulatorKnownFailing, ourEmulator, testEmulator } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

// Hundreds of emulators are started here, and what V8 made of their sources is the same for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../../node_modules/.cache/node-compile-cache");

const test = suite("every case for emulators");
const jobs = 4;
const passable = emulatorCases.filter(({ id }) => !emulatorKnownFailing.includes(id));
const patient = { timeoutMs: 280_000 };

test(
  "passes our emulator",
  async () => {
    assert.equal(
      verdicts(await conformEmulator({ subject: ourEmulator(), cases: passable, jobs })),
      expected(passable),
    );
  },
  patient,
);

test(
  "passes an emulator with what ours lacks",
  async () => {
    const cases = emulatorCases.filter(({ id }) => emulatorKnownFailing.includes(id));
    const queue = await conformEmulator({ subject: testEmulator("tries-again"), cases });
    assert.equal(verdicts(queue), expected(cases));
  },
  patient,
);

test.run();
