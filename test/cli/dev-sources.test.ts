/** What "bootlace dev" watches, and how it makes something to run of it. */
import { closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { sourcesOf } from "../../src/cli/dev/function-versions.ts";
import { SourceWatch } from "../../src/cli/dev/source-watch.ts";
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
  await using watch = new SourceWatch(async (files) => {
    told.push(files);
    if (told.length > 1) return second.resolve();
    writeFileSync(join(path, "a.ts"), "3");
    first.resolve();
  });
  watch.add([path]);
  writeFileSync(join(path, "node_modules/x.js"), "1");
  writeFileSync(join(path, "deep/b.ts"), "1");
  writeFileSync(join(path, "a.ts"), "2");
  await first.promise;
  await second.promise;
  const [a, b] = [join(path, "a.ts"), join(path, "deep/b.ts")];
  assert.equal(told, [[a, b], [a]]);
});

test("what is written of a change is no change, in a file of any name that we write to and in a log", async () => {
  const path = folder("a.ts");
  const output = openSync(join(path, "said.txt"), "a");
  const told: (readonly string[])[] = [];
  const third = Promise.withResolvers<void>();
  await using watch = new SourceWatch(
    async (files) => {
      told.push(files);
      writeSync(output, "reloaded");
      writeFileSync(join(path, "dev.log"), String(told.length));
      if (told.length === 3) return third.resolve();
      // Heard after what was written before it: both come from one queue.
      writeFileSync(join(path, "a.ts"), String(told.length));
    },
    [output],
  );
  watch.add([path]);
  writeFileSync(join(path, "a.ts"), "0");
  await third.promise;
  closeSync(output);
  assert.equal(told, Array(3).fill([join(path, "a.ts")]));
});

/** Resolves to the next change that is told. */
function changes() {
  let next = Promise.withResolvers<readonly string[]>();
  const watch = new SourceWatch(async (files) => {
    next.resolve(files);
    next = Promise.withResolvers();
  });
  return { watch, next: () => next.promise, [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose]() };
}

test("a file alone can be watched, and is when another takes its place, as editors and packers do it", async () => {
  const path = join(folder("f.zip"), "f.zip");
  await using heard = changes();
  heard.watch.add([path]);
  for (let n = 0; n < 2; n += 1) {
    const told = heard.next();
    writeFileSync(`${path}.new`, String(n));
    renameSync(`${path}.new`, path);
    assert.equal(await told, [path]);
  }
  const told = heard.next();
  writeFileSync(path, "as it lies there");
  assert.equal(await told, [path]);
});

test("a folder is watched when it was removed and made anew, as builds do it", async () => {
  const path = join(folder("dist/index.mjs"), "dist");
  await using heard = changes();
  heard.watch.add([path, join(path, "index.mjs")]);
  for (let n = 0; n < 2; n += 1) {
    let told = heard.next();
    rmSync(path, { recursive: true });
    assert.ok((await told).includes(path));
    told = heard.next();
    mkdirSync(path);
    assert.equal(await told, [path]);
    told = heard.next();
    writeFileSync(join(path, "index.mjs"), "");
    assert.equal(await told, [join(path, "index.mjs")]);
  }
});

test("what is worked on when the end comes is waited for", async () => {
  const path = folder("a.ts");
  const began = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let done = false;
  const watch = new SourceWatch(async () => {
    began.resolve();
    await go.promise;
    done = true;
  });
  watch.add([path]);
  writeFileSync(join(path, "a.ts"), "1");
  await began.promise;
  const ended = watch[Symbol.asyncDispose]();
  go.resolve();
  await ended;
  assert.ok(done);
});

const names = ["memory", "timeout", "layer", "env", "no-watch", "json", "journal"];
const guesses = [
  ["memroy", "memory"],
  ["tiemout", "timeout"],
  ["layers", "layer"],
  ["nowatch", "no-watch"],
  ["jour", "journal"],
  ["wat", undefined],
  ["x", undefined],
] as const;
for (const [given, meant] of guesses) {
  test(`--${given} ${meant === undefined ? "is like nothing" : `was meant as --${meant}`}`, () =>
    assert.is(didYouMean(given, names), meant));
}

test.run();
