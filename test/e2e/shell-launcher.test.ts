/** The launcher that a machine without a compiler has: it says to the engine what the compiled one says. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { compileLauncher } from "../../src/layer/launcher.ts";
import { shellLauncher } from "../../src/layer/shell-launcher.ts";
import { defaultCacheDirectory } from "../../src/platform/package-root.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the launcher of a shell");
const { path: root } = temporaryFolder("bootlace-test-");
test.after(() => rmSync(root, { recursive: true, force: true }));

/** In place of an engine: what it was started with, a word a line. */
const engine = '#!/bin/sh\nfor word in "$0" "$@"; do echo "$word"; done\n';

const cacheDirectory = defaultCacheDirectory();
const compiled = place(
  "a compiled one",
  await compileLauncher({ arch: hostArchitecture, pages: [], files: [], cacheDirectory }),
);
const shell = place("that of a shell", shellLauncher());

function place(name: string, launcher: string | Buffer): string {
  const folder = join(root, name);
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, manifest.places.engine), engine, { mode: 0o755 });
  writeFileSync(join(folder, "bootstrap"), launcher, { mode: 0o755 });
  return folder;
}

function wordsOf(folder: string, variables: Readonly<Record<string, string>>, args: readonly string[]) {
  const env = { PATH: "/usr/bin:/bin", ...variables };
  const { stdout, status } = spawnSync(join(folder, "bootstrap"), args, { env, encoding: "utf8" });
  assert.is(status, 0);
  return stdout
    .trim()
    .split("\n")
    .map((word) => word.replace(`${folder}/`, ""));
}

const memory = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
const table: readonly (readonly [variables: Readonly<Record<string, string>>, args: readonly string[]])[] = [
  [{}, []],
  ...["128", "19", "20", "512", "1769", "10240", "", "0", "abc", "12x", "-5"].map(
    (size) => [{ [memory]: size }, []] as const,
  ),
  [{ [memory]: "512", NODE_OPTIONS: "--max-old-space-size=100" }, []],
  [{ [memory]: "512", NODE_OPTIONS: "--max_old_space_size=100 --max_semi-space_size 3" }, []],
  [{ [memory]: "512", NODE_OPTIONS: "--require ./a_b.js --v8-pool-size=2 --max-http-header-size=1" }, []],
  [{ [memory]: "512", NODE_OPTIONS: "-r *" }, []],
  [{ [memory]: "512", NODE_OPTIONS: "--max_semi_space_size=3" }, []],
  [{ [memory]: "512" }, ["a word", "*", ""]],
  [{ [memory]: "512", NODE_OPTIONS: "--permission" }, ["a word"]],
  [{ NODE_OPTIONS: "--title=permission" }, []],
];

for (const [variables, args] of table) {
  test(`tells the engine the same: ${JSON.stringify([variables, args])}`, () => {
    const words = wordsOf(shell, variables, args);
    assert.equal(words, wordsOf(compiled, variables, args));
    assert.is(words[0], manifest.places.engine);
    assert.ok(words.includes(manifest.places.program));
  });
}

test("finds its folder, whatever that is called", () => {
  const folder = place("a folder $HOME *", shellLauncher());
  assert.equal(wordsOf(folder, { [memory]: "512" }, []), wordsOf(compiled, { [memory]: "512" }, []));
});

test.run();
