import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import { EmulatorProcess } from "../../src/conformance/emulator-process.ts";
import { installPuppet } from "../../src/conformance/install-puppet.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import {
  emulatorDefects,
  expected,
  ourEmulator,
  sample,
  seed,
  testEmulator,
  verdicts,
  withDependencies,
} from "../conformance/subjects.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("conformance of emulators");
const patient = { timeoutMs: 60_000 };

test(
  "passes our emulator where it runs already, one case after another",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    try {
      installPuppet(folder, { host: "127.0.0.1", port: 1 });
      const subject = ourEmulator();
      assert.ok(subject.type === "command");
      const args = [folder, "--port", "0", "--concurrency", "1", "--timeout", "2", "--no-watch"];
      await using emulator = await EmulatorProcess.start(subject.command, args);
      const running = { type: "url", url: emulator.url, functionDirectory: folder, functionName: "function" } as const;
      assert.equal(verdicts(await conformEmulator({ subject: running })), expected(emulatorCases, undefined));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  patient,
);

for (const [defect, id] of sample(emulatorDefects, 2, seed)) {
  test(
    `finds "${defect}" (CONFORMANCE_SEED=${seed})`,
    async () => {
      const cases = withDependencies(emulatorCases, id);
      const results = await conformEmulator({ subject: testEmulator(defect), cases });
      assert.equal(verdicts(results), expected(cases, id));
    },
    patient,
  );
}

test("blames nobody when no function has called back", async () => {
  const silent = `console.log("http://127.0.0.1:1"); process.stdin.resume(); setInterval(() => {}, 60_000)`;
  const subject = { type: "command", command: [process.execPath, "-e", silent, "--"] } as const;
  const cases = emulatorCases.slice(0, 1);
  await rejects(conformEmulator({ subject, cases }), /Cannot judge the emulator/);
});

test("says so when an emulator cannot be started", async () => {
  const subject = { type: "command", command: [process.execPath, "-e", "process.exit(3)", "--"] } as const;
  const cases = emulatorCases.slice(0, 1);
  await rejects(conformEmulator({ subject, cases }), /The emulator ended at once/);
});

test.run();
