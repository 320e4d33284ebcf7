/** The puppet as an executable, which says the same of an emulator as the script does. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { BuildError } from "../../src/layer/build-error.ts";
import { buildPuppets, compilePuppet } from "../../src/layer/build-puppets.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { readElf } from "../../src/platform/elf.ts";
import { elfNeeds } from "../../src/platform/elf-needs.ts";
import { sample, seed, sideBySide } from "../conformance/choice.ts";
import { emulatorDefects } from "../conformance/defects.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { emulatorKnownFailing, ourEmulator, testEmulator } from "../conformance/subjects.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("an executable puppet");
const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const puppet = join(folder, `puppet-${hostArchitecture}`);
const patient = { timeoutMs: 400_000 };
const passable = emulatorCases.filter(({ id }) => !emulatorKnownFailing.includes(id));

if (await hasCompiler()) {
  await buildPuppets(folder, [hostArchitecture]);

  test("needs no library, and is small", () => {
    const bytes = readFileSync(puppet);
    assert.is(readElf(bytes).architecture, hostArchitecture);
    assert.equal(elfNeeds(bytes).libraries, []);
    assert.ok(bytes.length < 20_000, `${bytes.length} bytes`);
  });

  test(
    "passes our emulator in every case in which the script does",
    async () => {
      const results = await conformEmulator({ subject: { ...ourEmulator(), puppet }, cases: passable, jobs: 4 });
      assert.equal(verdicts(results), expected(passable));
    },
    patient,
  );

  test(
    `finds defects as the script does (CONFORMANCE_SEED=${seed})`,
    async () => {
      const wrong: string[] = [];
      await sideBySide(sample(emulatorDefects, 12, seed), 4, async ([defect, id]) => {
        const cases = emulatorCases.filter((candidate) => candidate.id === id);
        const subject = { ...testEmulator(defect), puppet };
        const found = verdicts(await conformEmulator({ subject, cases, jobs: 1, timeScale: 0.5 }));
        if (found[0] !== `${id} failed`) wrong.push(`${defect}: ${found}`);
      });
      assert.equal(wrong, []);
    },
    patient,
  );
} else {
  test("is tried", () => skip("there is no compiler for it", { allowed: process.env.CI !== "true" }));
}

test.run();

async function hasCompiler(): Promise<boolean> {
  try {
    await compilePuppet(hostArchitecture);
    return true;
  } catch (error) {
    if (error instanceof BuildError && error.code === "tool-missing") return false;
    throw error;
  }
}
