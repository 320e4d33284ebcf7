/** What "bootlace dev" watches, and how it makes something to run of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { sourcesOf } from "../../src/cli/dev/function-versions.ts";
import { watchSources } from "../../src/cli/dev/source-watch.ts";
import { didYouMean } from "../../src/cli/did-you-mean.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("bootlace dev:");

const root = mkdtempSync(join(tmpdir(), "dev-sources-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

function folder(...files: readonly string[]): string {
  const path = mkdtempSync(join(root, "f-"));
  for (const file of files) {
    mkdirSync(join(path, file, ".."), { recursive: true });
    writeFileSync(join(path, file), "");
  }
  return path;
}

test("TypeScript is bundled, under the name that the built file has", () => {
  const task = folder("src/app.ts");
  const entry = join(task, "src/app.ts");
  assert.equal(sourcesOf({ task, handler: "src/app.main" }), { kind: "bundle", entry, handler: "index.main" });
});

const asIs = [
  ["JavaScript", ["index.mjs"]],
  ["TypeScript with its JavaScript beside it", ["index.ts", "index.js"]],
  ["a function with a bootstrap of its own", ["index.ts", "bootstrap"]],
  ["a handler that is not there", []],
] as const;
for (const [what, files] of asIs) {
  test(`${what} runs as it lies there`, () => assert.equal(sourcesOf({ task: folder(...files) }), { kind: "as-is" }));
}

test("changes that come together are told together, and others wait until those are done", async () => {
  const path = folder("a.ts", "deep/b.ts", "node_modules/x.js");
  const told: (readonly string[])[] = [];
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  using _watch = watchSources(path, async (files) => {
    told.push(files);
    if (told.length > 1) return second.resolve();
    writeFileSync(join(path, "a.ts"), "3");
    first.resolve();
  });
  writeFileSync(join(path, "node_modules/x.js"), "1");
  writeFileSync(join(path, "deep/b.ts"), "1");
  writeFileSync(join(path, "a.ts"), "2");
  await first.promise;
  await second.promise;
  assert.equal(told, [["a.ts", "deep/b.ts"], ["a.ts"]]);
});

test("a file alone can be watched", async () => {
  const path = join(folder("f.zip"), "f.zip");
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  using _watch = watchSources(path, async (files) => resolve(files));
  writeFileSync(path, "1");
  assert.equal(await promise, ["f.zip"]);
});

const names = ["memory", "timeout", "layer", "env", "env-file", "json", "journal"];
const guesses = [
  ["memroy", "memory"],
  ["tiemout", "timeout"],
  ["layers", "layer"],
  ["envfile", "env-file"],
  ["jour", "journal"],
  ["wat", undefined],
  ["x", undefined],
] as const;
for (const [given, meant] of guesses) {
  test(`--${given} ${meant === undefined ? "is like nothing" : `was meant as --${meant}`}`, () =>
    assert.is(didYouMean(given, names), meant));
}

test.run();
