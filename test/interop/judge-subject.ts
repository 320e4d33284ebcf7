import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { markKnown, readKnownFailing } from "../../src/conformance/known-failing.ts";
import { linesOfResult } from "../../src/conformance/report.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { skip, suite } from "../helpers/suite.ts";
import { buildSubject, missingTools, subjects } from "./subjects.ts";

/** The test of one real runtime. Without its toolchain it is skipped, and says so; in CI that is a failure. */
export function judgeSubject(name: string): void {
  const test = suite("real runtimes:");
  test(
    `${name} fails what it is known to fail, and nothing else`,
    async () => {
      const subject = subjects.find((candidate) => candidate.name === name);
      assert.ok(subject);
      if (subject === undefined) return;
      const missing = missingTools(subject);
      if (missing.length > 0) skip(missingIn(name, missing), { allowed: process.env.CI !== "true" });
      const known = readKnownFailing(join(import.meta.dirname, name, "known-failing"), runtimeCases);
      const began = performance.now();
      const runtime = await buildSubject(subject);
      const built = performance.now();
      const results = await conformRuntime({ subject: runtime, jobs: 4, declared: subject.declared, timeScale: 3 });
      const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
      const judged = seconds(performance.now() - built);
      process.stderr.write(`TOOK ${name}: ${seconds(built - began)} to build, ${judged} to judge\n`);
      const surprising = results
        .map((result) => markKnown(result, known))
        .filter(({ verdict, known: listed }) =>
          listed !== undefined ? verdict.type === "passed" : verdict.type === "failed",
        );
      assert.equal(surprising.flatMap(linesOfResult), []);
    },
    // A first build of a Rust crate or a native module takes minutes on a small machine.
    { timeoutMs: 580_000 },
  );
  test.run();
}

function missingIn(name: string, tools: readonly string[]): string {
  return `${name} cannot be built: this machine has no ${tools.join(", ")}`;
}
