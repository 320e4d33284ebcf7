import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { emulatorDefects, expected, ourEmulator, testEmulator, verdicts } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("every case for emulators");
const patient = { timeoutMs: 120_000 };

for (const [name, subject] of [
  ["our emulator", ourEmulator()],
  ["our emulator without a defect", testEmulator("none")],
] as const) {
  test(
    `passes ${name}`,
    async () => {
      assert.equal(verdicts(await conformEmulator({ subject })), expected(emulatorCases, undefined));
    },
    patient,
  );
}

for (const [defect, id] of emulatorDefects) {
  test(
    `finds "${defect}" by ${id} and by nothing else`,
    async () => {
      const results = await conformEmulator({ subject: testEmulator(defect) });
      assert.equal(verdicts(results), expected(emulatorCases, id));
    },
    patient,
  );
}

test.run();
