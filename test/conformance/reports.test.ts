import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { markKnown, readKnownFailing } from "../../src/conformance/known-failing.ts";
import { linesOfResult, nextSteps, tallyLine, tallyOf } from "../../src/conformance/report.ts";
import { parseReport, reportJsonSchema } from "../../src/conformance/reports/document.ts";
import { matrixHtml } from "../../src/conformance/reports/matrix-html.ts";
import { matrixMarkdown } from "../../src/conformance/reports/matrix-markdown.ts";
import { renderReport, reportFormats, reportOf } from "../../src/conformance/reports/render.ts";
import type { CaseResult, Verdict } from "../../src/conformance/verdict.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("reports of the conformance suite");
const facts = {
  kind: "runtime",
  subject: { name: "./my <runtime>" },
  version: "1.2.3",
  date: "2026-01-02T03:04:05.000Z",
  interrupted: false,
} as const;

const passed: Verdict = { type: "passed", observations: [] };
const failed: Verdict = {
  type: "failed",
  findings: [{ expected: 'a "response" <now>', saw: "none\u0007 | at all" }],
  observations: [],
  transcript: ["! 1 ms > GET /none\u0007 | at all", "  printed: </pre><script>alert(1)</script>"],
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

test("a list of known failures does without the entries that name no case, where somebody hears of them", () => {
  withList("RT-INV-001 a\nRT-INV-999 b\n  and more\nRT-BOOT-005 c\n", (file) => {
    const problems: string[] = [];
    const entries = readKnownFailing(file, runtimeCases, (problem) => problems.push(problem));
    assert.equal(entries, [
      { id: "RT-INV-001", reason: "a" },
      { id: "RT-BOOT-005", reason: "c" },
    ]);
    assert.equal(problems, [`Line 2 of "${file}" names no case: "RT-INV-999"`]);
  });
});

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

test("the next step after a run is the failure on which most others hang", () => {
  const steps = nextSteps([
    result("RT-BOOT-005", failed),
    result("RT-INV-001", failed),
    result("RT-INV-003", { type: "not-reached", dependency: "RT-INV-001" }),
    { ...result("RT-INV-016", passed), known: { reason: "old" } },
  ]);
  assert.is(steps[0], "Mend RT-INV-001 first, because 1 more hang on it: run it alone with --only RT-INV-001");
  assert.is(steps.at(-1), "Take off the list of known failures: RT-INV-016");
  assert.equal(nextSteps([result("RT-BOOT-005", passed)]), []);
});

const results = [
  result("RT-INV-001", failed),
  result("RT-BOOT-005", passed),
  result("RT-INV-016", { type: "not-applicable", reason: "no counter" }),
  result("RT-INV-003", { type: "not-reached", dependency: "RT-INV-001" }),
];

const report = reportOf(facts, results);

test("JSON says all of each case, and is read back as it was", () => {
  const text = renderReport("json", report);
  assert.equal(parseReport(text, "result.json"), report);
  assert.is(report.tally.failed, 1);
  assert.equal(
    report.results.map(({ id, verdict }) => `${id} ${verdict.type}`),
    ["RT-INV-001 failed", "RT-BOOT-005 passed", "RT-INV-016 not-applicable", "RT-INV-003 not-reached"],
  );
});

test("the schema of the JSON is the one in docs", () => {
  const published = readFileSync(join(import.meta.dirname, "../../docs/conformance-report.schema.json"), "utf8");
  assert.equal(JSON.parse(published), reportJsonSchema());
});

for (const [text, problem] of [
  ["{", /"r.json" is not JSON/],
  ["{}", /"r.json" is no report .*"schema"/],
  [JSON.stringify({ ...report, results: [{}] }), /at "results.0/],
] as const) {
  test(`a report that is none is refused: ${problem.source}`, () =>
    assert.throws(() => parseReport(text, "r.json"), problem));
}

test("JUnit counts failures and skipped cases, and holds no character that XML cannot", () => {
  const text = renderReport("junit", report);
  assert.match(text, /<testsuite name=".\/my &lt;runtime&gt;" .*tests="4" failures="1" skipped="2"/);
  assert.match(text, /expected a &quot;response&quot; &lt;now&gt;; saw none\? \| at all/);
  assert.not.match(text, "\u0007");
});

test("TAP has a point for each case: a known failure is a TODO, what is not judged a SKIP", () => {
  const known = [{ id: "RT-INV-001", reason: "bug #7" }] as const;
  const marked = reportOf(
    { ...facts, interrupted: true },
    results.map((one) => markKnown(one, known)),
  );
  const lines = renderReport("tap", marked).split("\n");
  assert.equal(lines.slice(0, 2), ["TAP version 14", "1..4"]);
  assert.match(lines[2] ?? "", /^not ok 1 - RT-INV-001 .* # TODO bug \\#7$/);
  assert.ok(lines.some((line) => /^ok 3 - RT-INV-016 .* # SKIP no counter$/.test(line)));
  assert.ok(lines.some((line) => /^ok 4 - RT-INV-003 .* # SKIP RT-INV-001 failed$/.test(line)));
  assert.match(lines.at(-2) ?? "", /^Bail out!/);
});

test("Markdown keeps each case in its row", () => {
  const text = renderReport("md", { ...report, interrupted: true });
  assert.match(text, /\| RT-INV-001 \| must \| \*\*failed\*\* \|/);
  assert.match(text, /saw none.* \\\| at all/);
  assert.match(text, /ended before all cases/);
});

test("a page holds what subjects say as text, marks the bytes that offend, and asks nobody for anything", () => {
  for (const text of [renderReport("html", report), matrixHtml([report])]) {
    assert.not.match(text, "<script>alert");
    assert.match(text, "&lt;script&gt;alert(1)");
    assert.match(text, /<span class="offending">! 1 ms &gt; GET \/<mark>none\? \| at all<\/mark><\/span>/);
    assert.not.match(text, /(src|href)="(?!#)/);
    assert.not.match(text, /url\(|@import/);
  }
});

test("a badge says how many of those that apply have passed, and is no green one when something failed", () => {
  assert.match(renderReport("badge", report), /aria-label="lambda conformance: 1 of 3"/);
  assert.match(renderReport("badge", report), "#b42318");
  const good = reportOf(facts, [result("RT-BOOT-005", passed)]);
  assert.match(renderReport("badge", good), "#1a7f37");
});

test("the matrix sets subjects side by side, each kind in a table of its own", () => {
  const other = reportOf({ ...facts, subject: { name: "other" } }, [result("RT-INV-001", passed)]);
  const emulator = reportOf({ ...facts, kind: "emulator", subject: { name: "mock" } }, []);
  const text = matrixMarkdown([report, other, emulator]);
  assert.match(text, /\| RT-INV-001 \| must \| .* \| ✗ \| ✓ \|/);
  assert.match(text, /\| RT-BOOT-005 \| should \| .* \| ✓ \| {2}\|/);
  assert.match(text, /## Emulators/);
  assert.match(text, /- \*\*RT-INV-001\*\* expected a "response"/);
});

test("annotations are one workflow command a failure, which nothing that a subject says can end", () => {
  const odd: Verdict = { ...failed, findings: [{ expected: "100%", saw: "a\r\n::set-output name=x::y" }] };
  const lines = renderReport("annotations", reportOf(facts, [result("RT-INV-001", odd)])).split("\n");
  assert.is(lines.length, 2);
  assert.match(lines[0] ?? "", /^::error title=RT-INV-001 \(must\) [^:]*::expected: 100%25%0Asaw: a%0D%0A::set-output/);
});

test("every format takes an empty run", () => {
  for (const format of reportFormats)
    assert.ok(renderReport(format, reportOf(facts, [])).length > 0 || format === "annotations", format);
});

test.run();
