/** A custom runtime from its source to its layer, which a function runs on. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { buildRuntime } from "../../src/layer/build-runtime.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("bootlace build");
const root = join(import.meta.dirname, "../..");
const cli = (args: readonly string[], input = "") =>
  spawnSync(process.execPath, [join(root, "src/cli/main.ts"), ...args], { encoding: "utf8", input });
const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test(
  "makes a layer of a runtime in another language, on which a function runs",
  async () => {
    const outFile = join(folder, "shell.zip");
    const [layer] = await buildRuntime({
      entry: join(root, "examples/runtime-shell/bootstrap.ts"),
      architectures: [hostArchitecture],
      engine: "node24",
      outFile: () => outFile,
      level: 1,
    });
    assert.ok(layer?.entries.some(({ path, mode }) => path === "bootstrap" && mode === 0o755));
    const shell = join(root, "examples/runtime-shell");
    const invoked = cli(["invoke", shell, "--layer", outFile, "--handler", "hello.handler", "-e", "-"], '{"x":1}');
    assert.is(invoked.stdout.trim(), '{"hello":{"x":1}}', invoked.stderr);
    const missing = cli(["invoke", shell, "--layer", outFile, "--handler", "nobody.handler", "-e", "-"], "{}");
    assert.is(missing.status, 1);
    assert.match(missing.stdout, '"errorType":"Runtime.ImportModuleError"');
  },
  { timeoutMs: 180_000 },
);

test("makes a small layer of a runtime, which goes behind ours and uses its Node", () => {
  const shell = join(root, "examples/runtime-shell");
  const built = cli(["build", "runtime", join(shell, "bootstrap.ts"), "--on-layer", "--out", folder, "--json"]);
  const [layer] = JSON.parse(built.stdout);
  assert.ok(layer.unzippedBytes < 200_000, layer.unzippedBytes);
  const invoked = cli(["invoke", shell, "--layer", layer.file, "--handler", "hello.handler", "-e", "-"], '{"x":1}');
  assert.is(invoked.stdout.trim(), '{"hello":{"x":1}}', invoked.stderr);
});

test("makes a layer of an extension, and says what is in it", () => {
  const { stdout, status } = cli([
    "build",
    "extension",
    join(root, "extensions/lifecycle/index.ts"),
    "--out",
    folder,
    "--json",
  ]);
  assert.is(status, 0);
  const [layer] = JSON.parse(stdout);
  assert.ok(layer.entries.some(({ path }: { path: string }) => path === "extensions/lifecycle"));
  assert.match(
    execFileSync("unzip", ["-l", join(folder, "lifecycle.zip")], { encoding: "utf8" }),
    "extensions/lifecycle",
  );
});

for (const [args, problem] of [
  [["build"], /function, runtime or extension/],
  [["build", "runtim"], /did you mean "runtime"/],
  [["build", "runtime"], /Name the file that starts the runtime/],
  [["build", "runtime", "no-such-file.ts"], /"no-such-file.ts" does not exist/],
  [["build", "runtime", "package.json", "--arch", "mips"], /takes x86_64, arm64 or all, not "mips"/],
  [["build", "extension", "no-such-file.ts"], /"no-such-file.ts" does not exist/],
] as const) {
  test(`says what is wrong with "${args.join(" ")}"`, () => {
    const { stderr, status } = cli(args);
    assert.is(status, 2);
    assert.match(stderr, problem);
  });
}

test.run();
