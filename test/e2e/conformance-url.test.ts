import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import { EmulatorProcess } from "../../src/conformance/emulator-process.ts";
import { installPuppet } from "../../src/conformance/install-puppet.ts";
import { puppetProgram } from "../../src/conformance/puppet-program.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { emulatorKnownFailing, ourEmulator } from "../conformance/subjects.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("conformance of emulators");
const patient = { timeoutMs: 280_000 };

/** What nobody can ask of an emulator that somebody else has started: its end. */
const notForStrangers = emulatorCases
  .filter(({ needs = {} }) => needs.end === true || needs.mode !== undefined)
  .map(({ id }) => id);

test(
  "passes our emulator where it runs already, one case after another",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    try {
      const [task, opt] = [join(folder, "task"), join(folder, "opt")];
      mkdirSync(opt);
      installPuppet(task, { host: "127.0.0.1", port: 1 }, puppetProgram());
      const subject = ourEmulator();
      assert.ok(subject.type === "command");
      const args = [task, "--port", "0", "--concurrency", "1", "--timeout", "2", "--no-watch"];
      await using emulator = await EmulatorProcess.start(subject.command, args);
      const running = {
        type: "url",
        url: emulator.url,
        functionDirectory: task,
        functionName: "function",
      } as const;
      const cases = emulatorCases.filter(({ id, slow }) => slow !== true && !emulatorKnownFailing.includes(id));
      const results = await conformEmulator({ subject: running, cases });
      const failed = results.filter(({ verdict }) => verdict.type === "failed" || verdict.type === "not-reached");
      assert.equal(
        failed.map(({ facts }) => facts.id),
        [],
      );
      const inapplicable = results.filter(({ verdict }) => verdict.type === "not-applicable");
      assert.equal(
        inapplicable.map(({ facts }) => facts.id).filter((id) => !notForStrangers.includes(id)),
        emulatorCases
          .filter(({ needs = {}, slow }) => slow !== true && (needs.extensions ?? needs.functionUrl) !== undefined)
          .map(({ id }) => id)
          .filter((id) => !notForStrangers.includes(id)),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  patient,
);

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
