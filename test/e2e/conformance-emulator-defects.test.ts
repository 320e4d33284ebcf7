import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import type { EmulatorCase } from "../../src/conformance/emulator-case.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { sample, seed, sideBySide } from "../conformance/choice.ts";
import { type Defect, emulatorDefects } from "../conformance/defects.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { emulatorKnownFailing, testEmulator } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

// Hundreds of emulators are started here, and what V8 made of their sources is the same for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../../node_modules/.cache/node-compile-cache");

const test = suite("broken emulators");
const jobs = 6;
const passable = emulatorCases.filter(({ id }) => !emulatorKnownFailing.includes(id));

/** A broken emulator may be stuck, which is waited for no longer than a good one ever takes. */
const timeScale = 0.5;

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
  { timeoutMs: 450_000 },
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
  { timeoutMs: 140_000 },
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
