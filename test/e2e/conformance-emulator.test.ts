import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import type { EmulatorCase } from "../../src/conformance/emulator-case.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { sample, seed, sideBySide } from "../conformance/choice.ts";
import { type Defect, emulatorDefects } from "../conformance/defects.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { emulatorKnownFailing, ourEmulator, testEmulator } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

// Hundreds of emulators are started here, and what V8 made of their sources is the same for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../../node_modules/.cache/node-compile-cache");

const test = suite("every case for emulators");
const jobs = 4;
const passable = emulatorCases.filter(({ id }) => !emulatorKnownFailing.includes(id));
const patient = { timeoutMs: 280_000 };

/** A broken emulator may be stuck, which is waited for no longer than a good one ever takes. */
const timeScale = 0.5;

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

test(
  "finds every defect by its case",
  async () => {
    const wrong: string[] = [];
    await sideBySide(emulatorDefects, jobs, async ([defect, id]) => {
      const cases = emulatorCases.filter((candidate) => candidate.id === id);
      wrong.push(...(await unexpected([defect, id], cases)));
    });
    assert.equal(wrong, []);
  },
  patient,
);

test(
  `finds nothing else where there is one defect (CONFORMANCE_SEED=${seed})`,
  async () => {
    const wrong: string[] = [];
    const quick = passable.filter(({ slow }) => slow !== true);
    await sideBySide(sample(emulatorDefects, 6, seed), jobs, async ([defect, id]) => {
      const others = sample(quick, 6, seed);
      wrong.push(
        ...(await unexpected(
          [defect, id],
          others.filter((candidate) => candidate.id !== id),
        )),
      );
    });
    assert.equal(wrong, []);
  },
  patient,
);

/** Verdicts that are not what exactly this defect comes to; where a dependency is broken, so may be the case. */
async function unexpected([defect, id]: Defect, cases: readonly EmulatorCase[]): Promise<readonly string[]> {
  const results = await conformEmulator({ subject: testEmulator(defect), cases, jobs: 1, timeScale });
  const must = expected(emulatorCases, id);
  return verdicts(results)
    .filter((verdict) => !must.includes(verdict) && !must.includes(`${verdict.split(" ")[0]} not-reached`))
    .map((verdict) => `${defect}: ${verdict}`);
}

test.run();
