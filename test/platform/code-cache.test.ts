import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { codeCacheBytes, codeCacheFile, codeCacheFits, watchCode } from "../../src/platform/code-cache.ts";
import { loadModule } from "../../src/platform/module-loader.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the code cache");
const root = mkdtempSync(join(tmpdir(), "bootlace-code-cache-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

// V8 itself compares no more of a source than its length, so whose code has run can be seen.
const one = "module.exports = () => 1;";
const two = "module.exports = () => 2;";

test("is what runs, where it was made of the same source", async () => {
  assert.is(await answer(moduleWith(one, codeCacheBytes(one, codeOf(two)))), 2);
});

for (const letter of ["é", "—"])
  test(`is what runs, with ${letter} in its source, and not with the bytes of that read as Latin-1`, async () => {
    const source = one.replace("1", `"${letter}1"`);
    const cache = codeCacheBytes(source, codeOf(source.replace("1", "2")));
    assert.is(await answer(moduleWith(source, cache)), `${letter}2`);
    const misread = Buffer.from(letter).toString("latin1");
    assert.is(await answer(moduleWith(source.replace(letter, misread), cache)), `${misread}1`);
  });

test("is found by the real path of a file too", async () => {
  const file = moduleWith(one, codeCacheBytes(one, codeOf(two)));
  const link = join(mkdtempSync(join(root, "link-")), "index.cjs");
  symlinkSync(file, link);
  writeFileSync(codeCacheFile(link), readFileSync(codeCacheFile(file)));
  assert.is(await answer(link), 2);
});

test("is passed over for a source that was edited, be it as long as before", async () => {
  const file = moduleWith("module.exports = () => 3;", codeCacheBytes(one, codeOf(one)));
  assert.is(await answer(file), 3);
  assert.not.ok(codeCacheFits(file));
});

test("fits the engine that made it", () => {
  assert.ok(codeCacheFits(moduleWith(one, codeCacheBytes(one, codeOf(one)))));
});

test("of another engine has another name", async () => {
  const file = moduleWith(one, undefined);
  writeFileSync(codeCacheFile(file, "v22.0.0", "x64"), codeCacheBytes(one, codeOf(two)));
  assert.is(await answer(file), 1);
});

const whole = codeCacheBytes(one, codeOf(two));
for (const [what, bytes] of [
  ["empty", Buffer.alloc(0)],
  ["cut short", whole.subarray(0, whole.length - 1)],
  ["of another kind", Buffer.from("no cache at all, and long enough to be one")],
  ["rotten", codeCacheBytes(one, Buffer.alloc(300, 7))],
  [
    "of another wrapper",
    Buffer.from(whole.toString("latin1").replace("(function (exports,", "(function (_xports,"), "latin1"),
  ],
] as const)
  test(`that is ${what} is passed over`, async () => {
    const file = moduleWith(one, bytes);
    assert.not.ok(codeCacheFits(file));
    assert.is(await answer(file), 1);
  });

test("leaves Node's loader as it was, also for a module that throws", async () => {
  const before = compiler();
  const source = "throw new Error('no');";
  const file = moduleWith(source, codeCacheBytes(source, codeOf(source)));
  await loadModule(file).then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, "no"),
  );
  assert.not.ok(file in createRequire(import.meta.url).cache);
  assert.is(compiler(), before);
});

const everything = `
const other = require("./other.cjs");
exports.seen = [
  __filename, __dirname, module.id, module.filename, module.paths[0], module.loaded, module.children.length, this === exports,
  typeof require.main, require.resolve("./other.cjs"), Object.keys(require.cache), require.cache[__filename] === module,
  other.parent, new Error("here").stack.split("\\n").slice(0, 2), (() => {}).toString(), arguments.length,
];
exports.handler = async () => [(await import("./module.mjs")).default, (await import("node:path")).sep, stack()];
function stack() { return new Error("there").stack.split("\\n").slice(0, 2); }
`;

test("changes nothing that a module can see of itself", () => {
  const seen = (cached: boolean) => {
    const folder = mkdtempSync(join(root, "seen-"));
    writeFileSync(join(folder, "other.cjs"), "exports.parent = module.parent?.filename;");
    writeFileSync(join(folder, "module.mjs"), "export default import.meta.url;");
    const file = join(folder, "index.cjs");
    writeFileSync(file, everything);
    if (cached) writeFileSync(codeCacheFile(file), codeCacheBytes(everything, codeOf(everything)));
    const loader = join(import.meta.dirname, "../../src/platform/module-loader.ts");
    const program = `const { loadModule } = await import(${JSON.stringify(loader)});
      const { seen, handler } = await loadModule(${JSON.stringify(file)});
      console.log(JSON.stringify([seen, await handler()]));`;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    return `${run.stdout}${run.stderr}`.replaceAll(folder, "FOLDER");
  };
  assert.is(seen(true), seen(false));
});

test.run();

function moduleWith(source: string, cache: Uint8Array | undefined): string {
  const file = join(mkdtempSync(join(root, "module-")), "index.cjs");
  writeFileSync(file, source);
  if (cache !== undefined) writeFileSync(codeCacheFile(file), cache);
  return file;
}

/** What V8 has compiled of a module after it was loaded and called. */
function codeOf(source: string): Buffer {
  const file = moduleWith(source, undefined);
  let created: (() => Buffer) | undefined;
  watchCode(file, (code) => {
    created = () => code.createCachedData();
  });
  try {
    const exports = createRequire(file)(file);
    if (typeof exports === "function") exports();
  } catch {
    // Code of a module that throws is code too.
  }
  const data = created?.();
  if (data === undefined) throw new Error("The module was not compiled");
  return data;
}

async function answer(file: string): Promise<unknown> {
  // as: these modules export one function, or this fails.
  return ((await loadModule(file)) as () => unknown)();
}

function compiler(): unknown {
  const Module = createRequire(import.meta.url)("node:module");
  return Module.prototype._compile;
}
