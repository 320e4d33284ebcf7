/** What is kept for all runs, and what goes when nobody has used it for long. */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { keptFolder, markUsed, removeUnused } from "../../src/platform/user-cache.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the user's cache");

const root = mkdtempSync(join(tmpdir(), "user-cache-"));
const { XDG_CACHE_HOME: before } = process.env;
test.after(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(root, { recursive: true, force: true });
});

/** A cache of its own, with folders that were used so many days ago. */
function cacheWith(days: Readonly<Record<string, number>>): string {
  const home = mkdtempSync(join(root, "home-"));
  const cache = join(home, "bootlace");
  for (const [name, ago] of Object.entries(days)) {
    mkdirSync(join(cache, name), { recursive: true });
    writeFileSync(join(cache, name, "file"), name);
    const at = new Date(Date.now() - ago * 24 * 60 * 60 * 1000);
    utimesSync(join(cache, name), at, at);
  }
  process.env.XDG_CACHE_HOME = home;
  return cache;
}

const files = () => [{ path: "deep/file", mode: 0o644, content: Buffer.from("new") }];
const unneeded = () => {
  throw new Error("It is there already");
};

test("drops what was not used for four weeks, once something new comes", () => {
  const cache = cacheWith({ "package-old": 29, "package-recent": 27, ".package-left-by-a-killed-run": 29 });
  const folder = keptFolder("package-new", files);
  assert.is(readFileSync(join(folder, "deep/file"), "utf8"), "new");
  assert.equal(readdirSync(cache).sort(), ["package-new", "package-recent"]);
});

test("keeps what is used, however old it is", () => {
  const cache = cacheWith({ "package-old": 100 });
  assert.is(readFileSync(join(keptFolder("package-old", unneeded), "file"), "utf8"), "package-old");
  keptFolder("package-new", files);
  assert.equal(readdirSync(cache).sort(), ["package-new", "package-old"]);
});

test("knows what is not there", () => {
  const cache = cacheWith({ a: 1 });
  assert.equal([markUsed(join(cache, "a")), markUsed(join(cache, "b"))], [true, false]);
});

test("may be cleared by many at once, while others use what is in it", async () => {
  const old = Array.from({ length: 40 }, (_, n) => [`package-${n}`, 29] as const);
  const cache = cacheWith(Object.fromEntries(old));
  const script = join(root, "clear.ts");
  const module = join(import.meta.dirname, "../../src/platform/user-cache.ts");
  writeFileSync(
    script,
    `import { keptFolder, removeUnused } from ${JSON.stringify(module)};
for (let n = 0; n < 40; n += 1) {
  keptFolder("package-" + n, () => [{ path: "file", mode: 0o644, content: Buffer.from("anew") }]);
  removeUnused(${JSON.stringify(cache)});
}`,
  );
  const runs = Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, [script]));
  await Promise.all(runs);
  removeUnused(cache);
  const left = readdirSync(cache);
  assert.equal(left.sort(), old.map(([name]) => name).sort());
  assert.ok(left.every((name) => existsSync(join(cache, name, "file"))));
});

test.run();
