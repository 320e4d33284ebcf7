import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { javascriptFixture, readFixture } from "../../src/conformance/fixture.ts";
import { fixtureSteps } from "../../src/conformance/fixture-steps.ts";
import { fixtureOperations, initVariants } from "../../src/conformance/runtime-case.ts";
import type { CaseResult, Verdict } from "../../src/conformance/verdict.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a fixture");

for (const [manifest, problem] of [
  [undefined, /There is no "fixture.json" in .*to begin with: \{"language":"Ruby"/],
  ["{", /is not JSON/],
  ['{"language":"Ruby"}', /Cannot use "handler"/],
  ['{"language":"Ruby","handler":"a.b","operations":["thorw"]}', /Cannot use "operations.0" .*"throw"/],
  ['{"language":"Ruby","handler":"a.b","operations":[],"init":{"slwo":"a.b"}}', /Cannot use "init" .*"slwo"/],
] as const) {
  test(`is refused where its manifest is ${manifest ?? "missing"}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    try {
      if (manifest !== undefined) writeFileSync(join(folder, "fixture.json"), manifest);
      assert.throws(() => readFixture(folder, undefined), problem);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("may offer what docs/CONFORMANCE.md describes, and nothing else", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/CONFORMANCE.md"), "utf8");
  const words = (from: string, to: string) =>
    new Set(
      [...page.slice(page.indexOf(from), page.indexOf(to)).matchAll(/^\| ([^|]*`[^|]*) \|/gm)].flatMap(
        ([, cell = ""]) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word),
      ),
    );
  const operations = words("| `op` | the handler |", "`ctx` returns an object");
  for (const operation of fixtureOperations) assert.ok(operations.has(operation), operation);
  const variants = words("| `init` | what happens", "## How an extension");
  variants.delete("init");
  assert.equal([...variants].sort(), [...initVariants].sort());
});

const fixture = { ...readFixture(javascriptFixture(), undefined), folder: "/elsewhere" };

test("in the wrong language is what is told first", () => {
  const failed: Verdict = { type: "failed", findings: [], observations: [], transcript: [] };
  const results = resultsWith(failed);
  assert.match(
    fixtureSteps({ ...fixture, folder: javascriptFixture() }, runtimeCases, results)[0] ?? "",
    /a function in JavaScript: .*--task DIR/,
  );
  assert.equal(fixtureSteps(fixture, runtimeCases, results), [], "one that somebody named is in their language");
});

test("that lacks something is told what most cases wait for", () => {
  const results = resultsWith({ type: "not-applicable", reason: "any" });
  assert.match(
    fixtureSteps({ ...fixture, operations: ["echo"] }, runtimeCases, results)[0] ?? "",
    /^\d+ cases wait for what the fixture does not offer, such as "ctx" \(\d+\), "throw" \(\d+\)/,
  );
  assert.equal(fixtureSteps(fixture, runtimeCases, results), [], "one that lacks nothing");
});

function resultsWith(verdict: Verdict): readonly CaseResult[] {
  return runtimeCases.map((facts) => ({ facts, verdict, durationMs: 1 }));
}

test.run();
