/** The two HTML pages in a real browser. A script of the test plays the reader, and the page it leaves is looked at. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { matrixHtml } from "../../src/conformance/reports/matrix-html.ts";
import { renderReport, reportOf } from "../../src/conformance/reports/render.ts";
import type { CaseResult, Verdict } from "../../src/conformance/verdict.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("the pages of the conformance suite, in a browser:");

const browser = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((file) => existsSync(file));

const passed: Verdict = { type: "passed", observations: [] };
const failed: Verdict = {
  type: "failed",
  findings: [{ expected: "one", saw: "two" }],
  observations: [],
  transcript: ["! 1 ms > two", "  <b>not bold</b>"],
};
const some = runtimeCases.slice(0, 12);
const results = (bad: number): readonly CaseResult[] =>
  some.map((facts, index) => ({ facts, durationMs: 1, verdict: index === bad ? failed : passed }));
const facts = { kind: "runtime", version: "1.2.3", date: "2026-01-02T03:04:05.000Z", interrupted: false } as const;
const reportA = reportOf({ ...facts, subject: { name: "a" } }, results(3));
const reportB = reportOf({ ...facts, subject: { name: "b" } }, results(-1));
const failedId = some[3]?.id ?? "";

/** What `expression` is in the page after `actions`. Everything the page does with a click has happened by then. */
function inBrowser(page: string, actions: string, expression: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
  const file = join(folder, "page.html");
  const player = `<script>{ ${actions} } document.title = "RESULT" + JSON.stringify(${expression}) + "END"</script></body>`;
  writeFileSync(
    file,
    page.replace("</body>", () => player),
  );
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  try {
    const args = [...flags, ...quiet, `--user-data-dir=${folder}/profile`, "--dump-dom", `file://${file}`];
    const { stdout } = spawnSync(browser ?? "", args, { encoding: "utf8", timeout: 60_000 });
    const [, found] = /<title>RESULT(.*?)END</s.exec(stdout) ?? [];
    assert.ok(found, stdout.slice(0, 400));
    return JSON.parse((found ?? "null").replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without a browser the test is skipped, and says so; in CI that is a failure. */
function lookAt(title: string, look: () => void): void {
  test(
    title,
    () => {
      if (browser !== undefined) return look();
      skip("there is no Chromium", { allowed: process.env.CI !== "true" });
    },
    { timeoutMs: 120_000 },
  );
}

const visible = `[...document.querySelectorAll("details")].filter((row) => row.checkVisibility()).map((row) => row.id)`;

lookAt("a report opens its failures, and shows those alone when asked", () => {
  const page = renderReport("html", reportA);
  assert.equal(inBrowser(page, "", `[...document.querySelectorAll("details[open]")].map((row) => row.id)`), [failedId]);
  const press = `document.querySelector('[data-show="failed"]').click()`;
  assert.equal(inBrowser(page, press, visible), [failedId]);
});

lookAt("a report is filtered by words of a case and of its evidence", () => {
  const type = (words: string) =>
    `const input = document.querySelector("input"); input.value = ${JSON.stringify(words)}; input.dispatchEvent(new Event("input"))`;
  const page = renderReport("html", reportA);
  assert.equal(inBrowser(page, type(`${some[5]?.id}`), visible), [some[5]?.id]);
  assert.equal(inBrowser(page, type("not bold"), visible), [failedId]);
  assert.equal(inBrowser(page, type("no such words"), `!document.querySelector("#nothing").hidden`), true);
});

lookAt("what a subject printed is text in a report", () => {
  const seen = inBrowser(renderReport("html", reportA), "", `document.querySelector(".wire").textContent`);
  assert.match(String(seen), "<b>not bold</b>");
  assert.is(inBrowser(renderReport("html", reportA), "", `document.querySelectorAll("b:not(.levels b)").length`), 0);
});

lookAt("a cell of the matrix opens its evidence", () => {
  const page = matrixHtml([reportA, reportB]);
  const press = `document.querySelector('td button.failed').click()`;
  const seen = inBrowser(page, press, `document.querySelector(":popover-open").textContent`);
  assert.match(String(seen), new RegExp(`${failedId}[^]*expected\\s*one\\s*saw\\s*two`));
});

lookAt("the matrix shows the cases on which subjects differ alone when asked", () => {
  const page = matrixHtml([reportA, reportB]);
  const rows = `[...document.querySelectorAll("tbody tr[data-level]")].filter((row) => row.checkVisibility()).map((row) => row.querySelector(".id").textContent)`;
  assert.is(inBrowser(page, "", `${rows}.length`), some.length);
  assert.equal(inBrowser(page, `document.querySelector("#differ").click()`, rows), [failedId]);
});

test.run();
