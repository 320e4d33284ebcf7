import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { buildExtension } from "../../src/layer/build-extension.ts";
import type { ArchiveEntry } from "../../src/platform/archive.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("buildExtension()");
const root = mkdtempSync(join(tmpdir(), "bootlace-extension-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

test("makes a stub that hands the module and the name to the engine of bootstrap", async () => {
  const opt = await installed("lifecycle");
  writeFileSync(join(opt, "bootstrap"), '#!/bin/sh\nprintf "%s\\n" "$$" "$0" "$@"\n', { mode: 0o755 });
  const { pid, stdout } = spawnSync(join(opt, "extensions/lifecycle"), { encoding: "utf8" });
  assert.equal(stdout.trim().split("\n"), [
    // The same process, so that the signals of Lambda reach the extension.
    `${pid}`,
    `${opt}/extensions/../bootstrap`,
    "--extension",
    "lifecycle",
    `${opt}/extensions/../bootlace/extensions/lifecycle.mjs`,
  ]);
});

test("makes a stub that says what is missing without a runtime layer", async () => {
  const opt = await installed("lifecycle");
  const { status, stderr } = spawnSync(join(opt, "extensions/lifecycle"), { encoding: "utf8" });
  assert.is(status, 1);
  assert.is(stderr, "Extension lifecycle: add the Bootlace runtime layer, which has its engine\n");
});

test("bundles a module that needs nothing beside it and exports the extension", async () => {
  const { entries, warnings } = await buildExtension("lifecycle");
  assert.equal(
    entries.map(({ path }) => path),
    ["extensions/lifecycle", "bootlace/extensions/lifecycle.mjs"],
  );
  assert.equal(
    entries.map((entry) => entry.type === "file" && entry.mode),
    [0o755, 0o644],
  );
  assert.equal(warnings, []);
  const { extension } = await import(join(await installed("lifecycle"), "bootlace/extensions/lifecycle.mjs"));
  assert.equal(extension.events, ["INVOKE", "SHUTDOWN"]);
});

test("resolves the package's own door for a stranger's extension", async () => {
  const entry = join(import.meta.dirname, "../../extensions/lifecycle/index.ts");
  const { name, entries } = await buildExtension({ name: "my.own_one-2", entry });
  assert.is(name, "my.own_one-2");
  assert.is(entries[0]?.path, "extensions/my.own_one-2");
});

for (const name of ["", "../x", "a b", "a/b", "$(reboot)", '"', "-n", "x".repeat(129)]) {
  test(`refuses the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
    await rejects(buildExtension({ name, entry: "x.ts" }), /^Cannot name an extension /);
  });
}

test("says which file is missing", async () => {
  await rejects(buildExtension("nobody"), /^Cannot bundle "extensions\/nobody\/index\.[jt]s": Could not resolve/);
});

test.run();

async function installed(name: string): Promise<string> {
  const opt = mkdtempSync(join(root, "opt-"));
  for (const entry of (await buildExtension(name)).entries) put(opt, entry);
  return opt;
}

function put(opt: string, entry: ArchiveEntry): void {
  if (entry.type !== "file") throw new Error(`Not a file: ${entry.path}`);
  mkdirSync(dirname(join(opt, entry.path)), { recursive: true });
  writeFileSync(join(opt, entry.path), entry.content, { mode: entry.mode });
}
