import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";

const test = suite("the command that judges runtimes");
const patient = { timeoutMs: 120_000 };
const root = join(import.meta.dirname, "../..");

const broken = ["node", "test/fixtures/broken-runtimes/runtime.mjs", "no-user-agent"];
for (const [args, status, lastLine] of [
  [["run", "runtime", "--", "./bootstrap"], 0, "94 cases: 94 passed, 0 failed, 0 known, 0 not applicable"],
  [
    ["run", "runtime", "--only", "RT-BOOT-*", "--", ...broken],
    1,
    "8 cases: 7 passed, 1 failed, 0 known, 0 not applicable",
  ],
  [["run", "runtime", "--only", "RT-NONE-*", "--", ...broken], 2, ""],
  [["run", "runtime", "--", "./no-such-program"], 2, ""],
  [
    ["run", "emulator", "--only", "SRV-FE-00*", "--known-failing", "test/interop/emulators/bootlace/known-failing"],
    0,
    "7 cases: 6 passed, 0 failed, 1 known, 0 not applicable",
  ],
] as const) {
  test(
    `"bootlace conformance ${args.join(" ")}" ends with ${status}`,
    () => {
      const command = [join(root, "src/cli/main.ts"), "conformance", ...args];
      const ended = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
      assert.is(ended.status, status, ended.stderr);
      // Behind it stands what to do next.
      assert.is(ended.stdout.split("\n").findLast((line) => /^\d+ cases: /.test(line)) ?? "", lastLine);
    },
    patient,
  );
}

for (const [text, args, status] of [
  ["RT-BOOT-005 it says nothing\n", [], 0],
  ["RT-BOOT-005 it says nothing\nRT-BOOT-001 it does not\n", [], 1],
  ["RT-BOOT-999 there is none\n", [], 1],
  ["RT-BOOT-005 it says nothing\n", ["--time-scale", "0.5"], 2],
  ["RT-BOOT-005 it says nothing\n", ["--declare", "flying"], 2],
  ["RT-BOOT-005 it says nothing\n", ["--report", "pdf=x"], 2],
] as const) {
  test(
    `ends with ${status} for the known failures ${JSON.stringify(text)} and "${args.join(" ")}"`,
    () => {
      const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
      try {
        writeFileSync(join(folder, "known"), text);
        const options = ["--only", "RT-BOOT-00*", "--known-failing", join(folder, "known"), ...args];
        const command = ["conformance", "run", "runtime", ...options, "--", ...broken];
        const ended = spawnSync(process.execPath, [join(root, "src/cli/main.ts"), ...command], { cwd: root });
        assert.is(ended.status, status, String(ended.stderr));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    patient,
  );
}

test(
  "writes what it has when it is interrupted",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    try {
      const reports = ["json", "junit", "md"].map((format) => `--report=${format}=${join(folder, format)}`);
      const command = ["conformance", "run", "runtime", ...reports, "--", "./bootstrap"];
      const child = spawn(process.execPath, [join(root, "src/cli/main.ts"), ...command], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.stdout.once("data", () => child.kill("SIGINT"));
      const [status] = await once(child, "exit");
      assert.is(status, 130);
      const document = JSON.parse(readFileSync(join(folder, "json"), "utf8"));
      assert.ok(document.interrupted);
      assert.ok(document.results.length > 0 && document.results.length < 94);
      assert.match(readFileSync(join(folder, "md"), "utf8"), /ended before all cases/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  patient,
);

test.run();
