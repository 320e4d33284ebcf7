/** The command as a single executable for arm64, by qemu-user as in arm64.test.ts; no Arm processor has seen it. */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { buildCommand } from "../../src/layer/build-command.ts";
import { fetchEngine } from "../../src/layer/fetch-package.ts";
import { strippedEngine } from "../../src/layer/stripped-engine.ts";
import { readElf } from "../../src/platform/elf.ts";
import { version } from "../../src/platform/version.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the executable for arm64");
const patient = { timeoutMs: 240_000 };
const root = mkdtempSync(join(tmpdir(), "bootlace-arm64-command-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const cache = join(root, "home", ".cache", "bootlace");
const empty = join(root, "empty");
mkdirSync(empty);
await buildCommand(root, ["x86_64", "arm64"]);
const executable = join(root, "bootlace-arm64");

function qemu(...words: readonly string[]) {
  return spawnSync("/usr/bin/qemu-aarch64-static", ["-L", "/usr/aarch64-linux-gnu", ...words], {
    cwd: empty,
    env: { HOME: join(root, "home"), PATH: "/nonexistent" },
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
}

test(
  "unpacks the very Node that it was made of, and becomes it",
  async () => {
    assert.is(readElf(readFileSync(executable)).architecture, "arm64");
    // Without help of the kernel, qemu cannot start a second program; what it was asked to become is what counts.
    const { stderr } = qemu("-strace", executable, "word");
    const [node = ""] = globSync(join(cache, "node-*", "bin", "node"));
    const [command = ""] = globSync(join(cache, "command-*", "bootlace.mjs"));
    assert.ok(readFileSync(node).equals(await strippedEngine(await fetchEngine("node24", "arm64"))));
    assert.ok(readFileSync(command).equals(readFileSync(join(root, "bootlace.mjs"))));
    assert.ok(stderr.includes(`execve("${node}",{"${executable}","${command}","word",NULL})`), stderr.slice(-600));
  },
  patient,
);

test(
  "and that one bundles a function with the bundler that it brings",
  () => {
    const [node = ""] = globSync(join(cache, "node-*", "bin", "node"));
    const [command = ""] = globSync(join(cache, "command-*", "bootlace.mjs"));
    assert.is(qemu(node, command, "--version").stdout, `${version}\n`);
    writeFileSync(join(empty, "index.ts"), "export const handler = async (n: number) => n + 1;");
    // The bundler is a program of its own, which qemu cannot start: that it is there and is asked for is what counts.
    const { stderr } = qemu("-strace", node, command, "build", "function", ".", "--no-cache");
    const [bundler = ""] = globSync(join(cache, "package-*", "node_modules/@esbuild/linux-arm64/bin/esbuild"));
    assert.is(readElf(readFileSync(bundler)).architecture, "arm64");
    assert.match(stderr, new RegExp(`execve\\("${bundler}"`));
  },
  patient,
);

test(
  "gives the one beside it its Node, so that a runtime is built for both without npm",
  () => {
    if (process.arch !== "x64") return;
    writeFileSync(
      join(empty, "bootstrap.ts"),
      'import { startRuntime } from "bootlace"; startRuntime(() => async (i) => i.event);',
    );
    const { status, stdout, stderr } = spawnSync(
      join(root, "bootlace-x86_64"),
      ["build", "runtime", "bootstrap.ts", "--name", "echo", "--arch", "all", "--json"],
      { cwd: empty, env: { HOME: join(root, "home"), PATH: "/nonexistent" }, encoding: "utf8" },
    );
    assert.is(status, 0, stderr);
    const names = JSON.parse(stdout).map(({ file }: { readonly file: string }) => file);
    assert.equal(names, ["dist/echo-x86_64.zip", "dist/echo-arm64.zip"]);
  },
  patient,
);

test.run();
