import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { compileLauncher } from "../../src/layer/launcher.ts";
import { compileLibatomic } from "../../src/layer/libatomic.ts";
import type { PageRun } from "../../src/layer/prefetch-list.ts";
import { readElf } from "../../src/platform/elf.ts";
import { elfNeeds } from "../../src/platform/elf-needs.ts";
import { stripElf } from "../../src/platform/elf-strip.ts";
import { engineFlags, heapFlags } from "../../src/platform/engine-flags.ts";
import { defaultCacheDirectory, packageRoot } from "../../src/platform/package-root.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("what is compiled from C");
// On the disk of the checkout: what stands in /tmp may be memory already, which nobody has to ask for.
mkdirSync(defaultCacheDirectory(), { recursive: true });
const root = mkdtempSync(join(defaultCacheDirectory(), "native-test-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const cacheDirectory = join(root, "cache");
const arch = hostArchitecture;
/** Far from what a start of the stand-in reads, however far ahead the disk is read. */
const asked = { first: 12_000, count: 8 };
/** More than one request can ask for. */
const askedWhole = { path: "lib/whole", content: new Uint8Array(40 * 4_096 + 1) };
const asks = { arch, pages: [asked], files: [askedWhole] };
const launcher = await compileLauncher({ ...asks, cacheDirectory });
const resident = join(root, "resident");
execFileSync("gcc", ["-o", resident, join(packageRoot(), "layer/native/resident.c")]);

test("the launcher starts the engine beside it with the program, the arguments and the environment", () => {
  const opt = layer("starts", '#!/bin/sh\necho "$0|$*|$FROM|$(ls -l /proc/self/fd | grep -c bin/node)"\n');
  symlinkSync(join(opt, "bootstrap"), join(root, "elsewhere"));
  for (const path of [join(opt, "bootstrap"), join(root, "elsewhere")]) {
    const said = execFileSync(path, ["--extension", "a b"], { env: { FROM: "here" }, encoding: "utf8" });
    assert.is(said, `${opt}/bin/node|${engineFlags.join(" ")} ${opt}/bootlace/bootstrap.cjs --extension a b|here|0\n`);
  }
});

test("the launcher leaves a flag out where NODE_OPTIONS have the same one", () => {
  const opt = layer("flags", '#!/bin/sh\necho "$@"\n');
  const flags = (env: Record<string, string>) =>
    execFileSync(join(opt, "bootstrap"), { env: { PATH: "/bin", ...env }, encoding: "utf8" })
      .trim()
      .split(" ")
      .slice(0, -1);
  const [pool, header] = engineFlags;
  for (const options of ["--v8-pool-size=2", "--v8_pool-size 2", "--trace-warnings   --v8_pool_size=2 --title=x"])
    assert.equal(flags({ NODE_OPTIONS: options }), [header], options);
  for (const options of ["", "--v8-pool", "v8-pool-size=2"])
    assert.equal(flags({ NODE_OPTIONS: options }), [pool, header]);
  assert.equal(flags({ NODE_OPTIONS: "--max-http-header-size=9 --v8-pool-size=2" }), []);
  assert.equal(flags({ OTHER_NODE_OPTIONS: "--v8-pool-size=2", NODE_OPTION: "--v8-pool-size=2" }), [pool, header]);
});

test("the launcher limits the heap by the function's memory, as the managed runtime does", () => {
  const opt = layer("heap", '#!/bin/sh\necho "$@"\n');
  const heap = (env: Record<string, string>) =>
    execFileSync(join(opt, "bootstrap"), { env, encoding: "utf8" }).match(/--max-(?:old|semi)-space-size=\S*/g) ?? [];
  for (const [memory, old, young] of [
    [128, 116, 6],
    [512, 461, 25],
    [1_279, 1_152, 63],
    [1_280, 1_152],
    [10_240, 9_216],
    [7, 7],
  ]) {
    const flags = [`--max-old-space-size=${old}`, ...(young === undefined ? [] : [`--max-semi-space-size=${young}`])];
    assert.equal(heap({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${memory}` }), flags);
    assert.equal(heapFlags(memory ?? 0), flags);
  }
  for (const memory of ["", "0", "many", "512 MB", "-1", "99999999999999"])
    assert.equal(heap({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory }), [], memory);
  assert.equal(heap({}), []);
  assert.equal(heapFlags(Number.NaN), []);
  const own = (NODE_OPTIONS: string) => heap({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512", NODE_OPTIONS });
  // Who sets one of the two has V8's own value for the other: so says the managed runtime's start script.
  for (const option of ["--max-old-space-size=100", "--max_old_space_size=100", "--max-semi-space-size=9"])
    assert.equal(own(option), [], option);
});

test("the launcher asks for the pages and files that it was told, which the engine then finds in memory", () => {
  const opt = layer("asks", "#!/bin/sh\nsleep 0\nexit 0\n");
  const [engine, whole] = [join(opt, "bin/node"), join(opt, askedWhole.path)];
  mkdirSync(join(opt, "lib"));
  writeFileSync(whole, "");
  truncateSync(whole, askedWhole.content.byteLength);
  truncateSync(engine, 64 * 1_048_576);
  assert.equal([isInMemory(engine, asked), isInMemory(whole, { first: 0, count: 41 })], [false, false]);
  execFileSync(join(opt, "bootstrap"));
  assert.equal([isInMemory(engine, asked), isInMemory(whole, { first: 0, count: 41 })], [true, true]);
});

function isInMemory(file: string, pages: PageRun): boolean {
  const lines = execFileSync(resident, [file], { encoding: "utf8" }).trim().split("\n");
  return lines.some((line) => {
    const [first = 0, count = 0] = line.split(" ").map(Number);
    return first <= pages.first && first + count >= pages.first + pages.count;
  });
}

test("the launcher starts an engine that is shorter than its list, and without a program", () => {
  const opt = layer("short", "#!/bin/sh\necho started\n");
  rmSync(join(opt, "bootlace"), { recursive: true });
  assert.is(execFileSync(join(opt, "bootstrap"), { encoding: "utf8" }), "started\n");
});

test("the launcher says what is wrong when there is no engine", () => {
  const opt = layer("missing", "");
  rmSync(join(opt, "bin"), { recursive: true });
  const { status, stderr } = spawnSync(join(opt, "bootstrap"), { encoding: "utf8" });
  assert.is(status, 1);
  assert.is(stderr, "Cannot start: bin/node of the layer is missing or is made for another architecture\n");
});

test("the launcher is small, needs no library and is the same bytes in another build", async () => {
  assert.ok(launcher.length < 12_000, `${launcher.length} bytes`);
  assert.equal(elfNeeds(launcher), { interpreter: undefined, libraries: [], versions: [] });
  const again = await compileLauncher({ ...asks, cacheDirectory: join(root, "another-cache") });
  assert.ok(again.equals(launcher));
});

test("a missing compiler is named, and the package that has it", async () => {
  const path = process.env.PATH;
  process.env.PATH = "/nonexistent";
  try {
    await rejects(
      compileLauncher({ ...asks, cacheDirectory }),
      /^Cannot compile for \w+: there is no "gcc", install the Debian package "gcc"$/,
    );
  } finally {
    process.env.PATH = path;
  }
});

const exchanges = `
#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
_Bool exchange(size_t, void *, void *, void *, int, int) __asm__("__atomic_compare_exchange");
#define TRY(type) { type object = 1, expected = 1, desired = 2; \\
  assert(exchange(sizeof object, &object, &expected, &desired, 5, 5) && object == 2 && expected == 1); \\
  assert(!exchange(sizeof object, &object, &expected, &desired, 3, 0) && object == 2 && expected == 2); }
int main(int count, char **words) {
  TRY(unsigned char) TRY(unsigned short) TRY(unsigned int) TRY(unsigned long)
  _Alignas(8) char crooked[16] = {0}, expected[8] = {0}, desired[8] = {1};
  return count > 1 ? exchange(8, crooked + 1, expected, desired, 5, 5) : 0;
}`;

test("the library in place of libatomic exchanges what is aligned, and ends the process at anything else", async () => {
  writeFileSync(join(root, "libatomic.so.1"), await compileLibatomic({ arch, cacheDirectory }));
  writeFileSync(join(root, "exchanges.c"), exchanges);
  execFileSync("gcc", ["-o", "exchanges", "exchanges.c", "./libatomic.so.1"], { cwd: root });
  const env = { LD_LIBRARY_PATH: root };
  assert.is(spawnSync(join(root, "exchanges"), { env }).status, 0);
  assert.match(spawnSync(join(root, "exchanges"), ["crooked"], { env }).signal ?? "", /^SIG(ILL|TRAP)$/);
  assert.equal(elfNeeds(readFileSync(join(root, "libatomic.so.1"))).libraries, []);
});

test("what we read of an engine is what the tools of the compiler read", () => {
  const needs = elfNeeds(readFileSync(process.execPath));
  const said = execFileSync("readelf", ["--dynamic", "--version-info", "--wide", process.execPath], {
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
  const libraries = [...said.matchAll(/Shared library: \[(.*)\]/g)].map(([, name]) => name);
  assert.equal(needs.libraries, libraries);
  const section = said.slice(said.indexOf(".gnu.version_r"));
  const versions = [...section.matchAll(/Name: (\S+)/g)].map(([, name]) => name);
  assert.equal(
    needs.versions.map(({ version }) => version),
    versions,
  );
});

test("an engine that we strip is as small as binutils makes it, runs, and nothing is wrong with its headers", () => {
  const ours = join(root, "ours");
  const stripped = stripElf(readFileSync(process.execPath));
  writeFileSync(ours, stripped, { mode: 0o755 });
  execFileSync("strip", ["-o", join(root, "theirs"), process.execPath]);
  assert.ok(stripped.length <= readFileSync(join(root, "theirs")).length);
  assert.is(execFileSync(ours, ["-p", "process.version"], { encoding: "utf8" }).trim(), process.version);
  const { stderr } = spawnSync("readelf", ["--headers", "--dyn-syms", "--wide", ours], {
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
  assert.is(stderr, "");
  assert.is(readElf(stripped).architecture, arch);
});

test.run();

/** A layer of which the engine is a stand-in. */
function layer(name: string, engine: string): string {
  const opt = join(root, name);
  for (const folder of ["bin", "bootlace"]) mkdirSync(join(opt, folder), { recursive: true });
  writeFileSync(join(opt, "bootstrap"), launcher, { mode: 0o755 });
  writeFileSync(join(opt, "bin/node"), engine, { mode: 0o755 });
  writeFileSync(join(opt, "bootlace/bootstrap.cjs"), "");
  return opt;
}
