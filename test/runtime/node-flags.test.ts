import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { nodeFlags, wordsOf } from "../../src/runtime/node-flags.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("nodeFlags()");

const table = [
  [[], [], 0],
  [["file.js", "--import", "x"], [], 0],
  [["--max-old-space-size=64", "file.js", "-r"], [], 1],
  [["-r", "a", "--require", "b", "--require=c", "--import", "d", "--import=e=f", "file"], "abcd", 8],
  [["--import", "x"], [{ how: "import", specifier: "x" }], 2],
] as const;

for (const [words, preloads, end] of table) {
  test(`reads ${JSON.stringify(words)}`, () => {
    const read = nodeFlags(words);
    assert.is(read.end, end);
    if (preloads !== "abcd") assert.equal(read.preloads, preloads);
    else
      assert.equal(
        read.preloads.map(({ how, specifier }) => `${how} ${specifier}`),
        ["require a", "require b", "require c", "import d", "import e=f"],
      );
  });
}

test("splits NODE_OPTIONS as Node does", () => {
  assert.equal(wordsOf(' --import  ./a.mjs --require="/x y/b.js" "--title=a \\"b\\" \\\\" '), [
    "--import",
    "./a.mjs",
    "--require=/x y/b.js",
    '--title=a "b" \\',
  ]);
  assert.equal(wordsOf(""), []);
});

test("are passed over by a forked file, but for the modules that they load", () => {
  const root = join(import.meta.dirname, "../..");
  const handlers = join(root, "test/fixtures/handlers/process");
  const flags = ["--max-old-space-size=64", "--require", "./preloaded.cjs", "--import=./preloaded.mjs"];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "src/runtime/main.ts"), ...flags, join(handlers, "prints-arguments.cjs"), "a", "--b"],
    { encoding: "utf8", cwd: handlers },
  );
  assert.is(stderr, "");
  assert.is(stdout, `required\nimported\n${JSON.stringify([join(handlers, "prints-arguments.cjs"), "a", "--b"])}\n`);
});

test.run();
