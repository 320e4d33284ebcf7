/** Functions that bring their own bootstrap, in whatever language, and know `/opt` and `/var/task` by these names. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("a function");
const isolation = isolationOfThisMachine();
const fixtures = join(import.meta.dirname, "../fixtures/languages");

interface Language {
  readonly name: string;
  readonly source: string;
  /** What has to be there, and where: inside, a function finds nothing of anybody's home. */
  readonly needs: string;
  /** Makes a program of it; without, the source is one. */
  readonly compile?: (source: string, program: string) => readonly string[];
}

const languages: readonly Language[] = [
  {
    name: "Go",
    source: "bootstrap.go",
    needs: "go",
    compile: (source, program) => ["go", "build", "-o", program, source],
  },
  {
    name: "Rust",
    source: "bootstrap.rs",
    needs: "rustc",
    compile: (source, program) => ["rustc", "-o", program, source],
  },
  { name: "Python", source: "bootstrap.py", needs: "/usr/bin/python3" },
  { name: "shell", source: "bootstrap.sh", needs: "/usr/bin/curl" },
];

for (const { name, source, needs, compile } of languages) {
  test(
    `in ${name} with its own bootstrap reads its folders by their names, and a layer's links`,
    async () => {
      const problem = isolation.kind === "none" ? isolation.reason : absent(needs);
      if (problem !== undefined) return skipped(`${name}: ${problem}`);
      const folder = mkdtempSync(join(tmpdir(), "bootlace-language-"));
      try {
        const [task, layer] = laidOut(folder);
        const program = join(task, "bootstrap");
        if (compile === undefined) copyFileSync(join(fixtures, source), program);
        else build(compile(join(fixtures, source), program));
        chmodSync(program, 0o755);
        await using lambda = await emulate({ task, layers: [layer], timeoutMs: 20_000 });
        for (const event of [{ n: 1 }, [2]]) {
          const result = await lambda.invoke(event);
          const expected = { opt: "of the layer", link: "of the layer", task: "of the function", event };
          assert.equal(result.json(), expected, Buffer.from(result.payload).toString());
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    { timeoutMs: 120_000 },
  );
}

/** A function's folder, and a layer with a link between two of its folders. */
function laidOut(folder: string): readonly [task: string, layer: string] {
  const [task, layer] = [join(folder, "task"), join(folder, "layer")];
  mkdirSync(task);
  mkdirSync(join(layer, "links"), { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(join(task, "word"), "of the function");
  writeFileSync(join(layer, "word"), "of the layer");
  symlinkSync("../word", join(layer, "links/word"));
  return [task, layer];
}

function build([command = "", ...args]: readonly string[]): void {
  const env = { ...process.env, CGO_ENABLED: "0", GO111MODULE: "off" };
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", env });
  assert.is(status, 0, error?.message ?? stderr);
}

function absent(needs: string): string | undefined {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", needs]).status === 0 ? undefined : `there is no ${needs}`;
}

/** Whoever lands has everything; anybody else is told. */
function skipped(problem: string): never {
  skip(problem, { allowed: process.env.CI !== "true" });
}

test.run();
