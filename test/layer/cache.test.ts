import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { cached } from "../../src/layer/cache.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("cached()");
const root = mkdtempSync(join(tmpdir(), "bootlace-cache-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

test("makes a file once for the same inputs", async () => {
  const place = { directory: join(root, "once"), kind: "x" };
  const make = (text: string) => (file: string) => writeFile(file, text);
  const one = await cached(place, ["a", "b"], make("first"));
  const two = await cached(place, ["a", Buffer.from("b")], make("second"));
  assert.equal([one.from, two.from], ["build", "cache"]);
  assert.is(readFileSync(two.file, "utf8"), "first");
});

test("tells inputs apart that are the same bytes when joined", async () => {
  const place = { directory: join(root, "apart"), kind: "x" };
  const one = await cached(place, ["ab", "c"], (file) => writeFile(file, "1"));
  const two = await cached(place, ["a", "bc"], (file) => writeFile(file, "2"));
  assert.is.not(one.file, two.file);
});

test("leaves nothing of a file that could not be made, and makes it the next time", async () => {
  const place = { directory: join(root, "failed"), kind: "x" };
  const half = async (file: string) => {
    await writeFile(file, "half");
    throw new Error("no space");
  };
  await rejects(cached(place, ["a"], half), /no space/);
  assert.equal(readdirSync(place.directory), []);
  assert.is((await cached(place, ["a"], (file) => writeFile(file, "whole"))).from, "build");
});

test("never shows a half-made file to another run", async () => {
  const place = { directory: join(root, "parallel"), kind: "x" };
  const slow = Promise.withResolvers<void>();
  const first = cached(place, ["a"], async (file) => {
    await writeFile(file, "half");
    await slow.promise;
    await writeFile(file, "whole");
  });
  const second = await cached(place, ["a"], (file) => writeFile(file, "whole"));
  assert.is(second.from, "build");
  slow.resolve();
  assert.is(readFileSync((await first).file, "utf8"), "whole");
  assert.is(readdirSync(place.directory).length, 1);
});

test("keeps the eight results that were used last, of each kind", async () => {
  const directory = join(root, "kept");
  const build = (kind: string, input: string) => cached({ directory, kind }, [input], (file) => writeFile(file, input));
  await build("other", "kept too");
  const inputs = ["a", "b", "c", "d", "e", "f", "g", "h"];
  for (const [index, input] of inputs.entries()) {
    const { file } = await build("x", input);
    utimesSync(file, index + 1, index + 1);
  }
  await build("x", "a");
  await build("x", "i");
  const left = readdirSync(directory).map((name) => readFileSync(join(directory, name), "utf8"));
  assert.equal(left.sort(), [...inputs.filter((input) => input !== "b"), "i", "kept too"]);
});

test.run();
