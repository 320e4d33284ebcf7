import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { markKnown, readKnownFailing } from "../../src/conformance/known-failing.ts";
import { linesOfResult, tallyLine, tallyOf } from "../../src/conformance/report.ts";
import { renderReport } from "../../src/conformance/report-file.ts";
import type { CaseResult, Verdict } from "../../src/conformance/verdict.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("reports of the conformance suite");
const facts = { subject: "./my <runtime>", version: "1.2.3", date: "2026-01-02T03:04:05.000Z", interrupted: false };

const passed: Verdict = { type: "passed", observations: [] };
const failed: Verdict = {
  type: "failed",
  findings: [{ expected: 'a "response" <now>', saw: "none\u0007 | at all" }],
  observations: [],
  transcript: ["! 1 ms > GET /"],
};

function result(id: string, verdict: Verdict): CaseResult {
  const found = runtimeCases.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`There is no ${id}`);
  return { facts: found, verdict, durationMs: 12.4 };
}

function withList(text: string, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
  try {
    writeFileSync(join(folder, "known-failing"), text);
    use(join(folder, "known-failing"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a list of known failures names cases, and says why on the same line and below", () => {
  withList("# ours\n\nRT-INV-001 it is\n  very old\nRT-BOOT-005: no name\n", (file) => {
    assert.equal(readKnownFailing(file, runtimeCases), [
      { id: "RT-INV-001", reason: "it is very old" },
      { id: "RT-BOOT-005", reason: "no name" },
    ]);
  });
});

for (const [text, problem] of [
  ["RT-INV-001 a\nRT-INV-999 b\n", /Line 2 of .* names no case: "RT-INV-999"/],
  ["RT-INV-001 a\nRT-INV-001 b\n", /names RT-INV-001 twice/],
] as const) {
  test(`a list of known failures is refused: ${problem.source}`, () => {
    withList(text, (file) => assert.throws(() => readKnownFailing(file, runtimeCases), problem));
  });
}

test("a known failure is counted apart, and one that passes is told", () => {
  const known = [
    { id: "RT-INV-001", reason: "old" },
    { id: "RT-BOOT-005", reason: "old" },
  ] as const;
  const results = [result("RT-INV-001", failed), result("RT-BOOT-005", passed), result("RT-INV-003", failed)];
  const marked = results.map((one) => markKnown(one, known));
  assert.is(
    tallyLine(tallyOf(marked)),
    "3 cases: 1 passed, 1 failed, 1 known, 0 not applicable, 1 passed although known to fail",
  );
  assert.match(linesOfResult(marked[0] ?? result("RT-INV-001", passed))[0] ?? "", /^known RT-INV-001/);
});

const results = [
  result("RT-INV-001", failed),
  result("RT-BOOT-005", passed),
  result("RT-INV-016", { type: "not-applicable", reason: "no counter" }),
  result("RT-INV-003", { type: "not-reached", dependency: "RT-INV-001" }),
];

test("JSON says all of each case", () => {
  const document = JSON.parse(renderReport("json", facts, results));
  assert.is(document.schema, 1);
  assert.is(document.tally.failed, 1);
  assert.equal(
    document.results.map((one: { id: string; verdict: Verdict }) => `${one.id} ${one.verdict.type}`),
    ["RT-INV-001 failed", "RT-BOOT-005 passed", "RT-INV-016 not-applicable", "RT-INV-003 not-reached"],
  );
});

test("JUnit counts failures and skipped cases, and holds no character that XML cannot", () => {
  const text = renderReport("junit", facts, results);
  assert.match(text, /<testsuite name=".\/my &lt;runtime&gt;" .*tests="4" failures="1" skipped="2"/);
  assert.match(text, /expected a &quot;response&quot; &lt;now&gt;; saw none\? \| at all/);
  assert.not.match(text, "\u0007");
});

test("Markdown keeps each case in its row", () => {
  const text = renderReport("md", { ...facts, interrupted: true }, results);
  assert.match(text, /\| RT-INV-001 \| must \| \*\*failed\*\* \|/);
  assert.match(text, /saw none.* \\\| at all/);
  assert.match(text, /ended before all cases/);
});

test.run();
