/** What the manual promises that needs no typing; `e2e/manual.test.ts` does what it says. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { firstDifference, stepsOf } from "./helpers/manual-page.ts";
import { suite } from "./helpers/suite.ts";

const test = suite("the manual");
const root = join(import.meta.dirname, "..");
const pages = globSync("docs/manual/*.md", { cwd: root }).sort();
const read = (file: string) => readFileSync(join(root, file), "utf8");

test("has an index and six pages, each of which the index and README name", () => {
  assert.is(pages.length, 7);
  for (const page of pages.filter((page) => !page.endsWith("README.md"))) {
    assert.match(read("docs/manual/README.md"), `](${page.replace("docs/manual/", "")})`);
    assert.match(read("README.md"), `](${page})`);
  }
});

for (const page of ["README.md", "docs/npm-package.md", ...pages])
  test(`can be typed: ${page}`, () => assert.ok(stepsOf(read(page)).some(({ type }) => type === "commands")));

for (const page of ["README.md", ...globSync("docs/**/*.md", { cwd: root })])
  test(`leads to what is there: ${page}`, () => {
    const text = read(page).replace(/^```.*?^```$/gms, "");
    const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = ""]) => target);
    assert.equal(
      targets.filter((target) => !leadsSomewhere(page, target)),
      [],
    );
  });

test("names every variable that the runtime reads, and no other", () => {
  const files = globSync(["src/runtime/*.ts", "src/platform/*.ts"], { cwd: root });
  // A function is warmed up where it is built, and nowhere else.
  const sources = files
    .filter((file) => !file.endsWith("/warm-up.ts"))
    .map(read)
    .join("\n");
  // The trace of the invocation is written; the mark is between two processes of ours.
  const own = new Set([...sources.matchAll(/\benv\??\.(_?[A-Z][A-Z_]+)/g)].map(([, name = ""]) => name));
  own.delete("_X_AMZN_TRACE_ID");
  const table = /## Variables\n(.*?)\n## /s.exec(read("docs/manual/attach-the-layer.md"))?.[1] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("|"));
  const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
  assert.equal(named.sort(), [...own].sort());
});

const shown = 'Duration: 19.24 ms\n…\n{"id":"e9d953e1-a633-40da-b209-01e23a0e3cab"}';
for (const [name, actual, missing] of [
  ["other figures and identifiers", 'Duration: 3 ms\n{"id":"33258883-4c02-4678-a0a7-8ec28ad4269c"}', undefined],
  ["lines that are left out", 'Duration: 3 ms\nx\n{"id":"33258883-4c02-4678-a0a7-8ec28ad4269c"}', undefined],
  ["another word", "Took: 3 ms", "Duration: 19.24 ms"],
  ["a line too few", "Duration: 3 ms", '{"id":"e9d953e1-a633-40da-b209-01e23a0e3cab"}'],
  ["a line too many", 'Duration: 3 ms\n{"id":"33258883-4c02-4678-a0a7-8ec28ad4269c"}\nx', "x"],
  ["a line before the first", "x\nDuration: 3 ms", "Duration: 19.24 ms"],
] as const) {
  test(`is compared with ${name}`, () => assert.is(firstDifference(shown, actual), missing));
}

for (const [name, page, problem] of [
  ["a file without a name", "```ts\nexport {};\n```", /names its file/],
  ["output of nothing", "```text\nx\n```", /stands behind the commands/],
  ["a call of AWS that does not say so", "```sh\naws lambda list-functions\n```", /what calls AWS begins with/],
  ["a block in no language", "```\nx\n```", /names its file/],
] as const) {
  test(`is refused with ${name}`, () => assert.throws(() => stepsOf(page), problem));
}

for (const [name, words, problem] of [
  ["an operation that there is not", ["publish-layers"], 'no operation "publish-layers"'],
  ["an option that there is not", ["invoke", "--function-name", "x", "--event", "{}"], '"invoke" takes no --event'],
  ["a required option too few", ["publish-layer-version", "--layer-name", "x"], "needs Content"],
  ["a runtime that there is not", ["create-function", "--runtime", "provided.al3"], 'no runtime "provided.al3"'],
  [
    "a file that is not there",
    ["update-function-code", "--function-name", "x", "--zip-file", "fileb://x.zip"],
    "x.zip",
  ],
  ["a waiter that there is not", ["wait", "function-active-v9"], 'no waiter "function-active-v9"'],
] as const) {
  test(`has AWS's arguments checked: ${name}`, () => {
    const script = join(import.meta.dirname, "helpers/aws.mjs");
    const { status, stderr } = spawnSync(process.execPath, [script, "lambda", ...words], { encoding: "utf8" });
    assert.is(status, 252, stderr);
    assert.match(stderr, problem);
  });
}

test.run();

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || headingsOf(read(file)).includes(anchor);
}

/** As GitHub makes them. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
