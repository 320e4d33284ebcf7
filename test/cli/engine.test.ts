import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runsTypeScript } from "../../src/cli/engine.mjs";
import { suite } from "../helpers/suite.ts";

const test = suite("engine:");

const table = [
  ["v18.20.0", false],
  ["v20.20.2", false],
  ["v22.17.1", false],
  ["v22.18.0", true],
  ["v23.5.0", false],
  ["v23.6.0", true],
  ["v24.0.0", true],
  ["v26.10.0", true],
] as const;

for (const [version, runs] of table) {
  test(`Node ${version} ${runs ? "runs" : "does not run"} TypeScript as it is`, () =>
    assert.is(runsTypeScript(version), runs));
}

test("without a pinned Node the system's one is used, and named", () => {
  const { status, stdout, stderr } = inCheckoutWithoutEngine("console.log('ran on', process.version)");
  assert.is(stdout, `ran on ${process.version}\n`);
  assert.is(stderr, `bootlace: using the system's Node ${process.version}\n`);
  assert.is(status, 0);
});

test("without a pinned Node an old one gets one sentence", () => {
  const old = "Object.defineProperty(process, 'version', { value: 'v20.1.0' })";
  const { status, stdout, stderr } = inCheckoutWithoutEngine("console.log('ran')", [
    "--import",
    `data:text/javascript,${old}`,
  ]);
  assert.is(stdout, "");
  assert.match(
    stderr,
    /^bootlace: Node v20\.1\.0 is too old for a checkout, .*: install Node 24 and run "npm ci" again\.\n$/,
  );
  assert.is(status, 2);
});

test.run();

/** Runs `program` through a copy of the launcher that finds no node_modules beside it. */
function inCheckoutWithoutEngine(program: string, nodeOptions: readonly string[] = []) {
  const root = mkdtempSync(join(tmpdir(), "engine-"));
  try {
    mkdirSync(join(root, "src/cli"), { recursive: true });
    const launcher = join(root, "src/cli/engine.mjs");
    cpSync(join(import.meta.dirname, "../../src/cli/engine.mjs"), launcher);
    writeFileSync(join(root, "program.mjs"), program);
    return spawnSync(process.execPath, [...nodeOptions, launcher, "program.mjs"], { encoding: "utf8", cwd: root });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
