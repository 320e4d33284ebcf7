/** Unpacking that is killed at every step, and bombs that cost little: limits.md 3.2 rows 3 and 4. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { suite } from "../helpers/suite.ts";
import { type CraftedEntry, craftedZip } from "../platform/archive-crafted.ts";

const test = suite("an archive");
const root = mkdtempSync(join(tmpdir(), "bootlace-killed-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const fixture = join(import.meta.dirname, "../fixtures/killed-unpack.mjs");
const module = join(import.meta.dirname, "../../src/platform/archive-unpack.ts");
const entries: readonly CraftedEntry[] = [
  { name: "index.mjs", content: "export const version = 2;" },
  { name: "lib/a.mjs", content: "a" },
  { name: "lib/deep/b.mjs", content: "b" },
  { name: "current", content: "lib/deep", mode: 0o120777, method: 0 },
];

test(
  "that is killed at any step of its unpacking is there as a whole or not at all, and can be unpacked again",
  async () => {
    const zip = join(root, "function.zip");
    writeFileSync(zip, craftedZip(entries));
    let kills = 0;
    for (let count = 1; ; count++) {
      const folder = join(root, `goal-${count}`);
      const ran = spawnSync(process.execPath, [fixture, module, zip, folder, String(count)], { encoding: "utf8" });
      if (ran.signal !== "SIGKILL") {
        assert.is(ran.status, 0, ran.stderr);
        assert.equal(whole(folder), files);
        break;
      }
      kills += 1;
      if (existsSync(folder)) assert.equal(whole(folder), files, `killed before step ${count}`);
      else await unpackZip(zip, folder, { unzippedBytesMax: 1_000_000 });
      assert.equal(whole(folder), files, `again after step ${count}`);
    }
    assert.ok(kills > 20, `${kills}`);
  },
  { timeoutMs: 120_000 },
);

const mebibyte = 1024 * 1024;
const bombs: readonly (readonly [string, () => Buffer])[] = [
  [
    "that declares nothing and is endless",
    () => craftedZip([{ name: "a", content: Buffer.alloc(600 * mebibyte), declaredBytes: 0 }]),
  ],
  ["that declares what it is", () => craftedZip([{ name: "a", content: Buffer.alloc(600 * mebibyte) }])],
  ["with a false count of 65,535 entries", () => craftedZip([{ name: "a", content: "x" }], { entries: 65_535 })],
  [
    "of 60,000 names for one content",
    () =>
      craftedZip(
        Array.from({ length: 60_000 }, (_, n) => ({ name: `f${n}`, content: "x", ...(n > 0 ? { at: 0 } : {}) })),
      ),
  ],
];
for (const [what, make] of bombs) {
  test(
    `${what} is refused in less than two seconds and 64 MiB`,
    () => {
      const zip = join(root, "bomb.zip");
      writeFileSync(zip, make());
      const around = join(root, "around");
      mkdirSync(around, { recursive: true });
      const program = `
        const { unpackZip } = await import(${JSON.stringify(module)});
        const { readFileSync } = await import("node:fs");
        // Not resourceUsage(), which remembers the process that this one was forked from.
        const peak = () => 1024 * /VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1];
        const before = peak();
        const began = performance.now();
        const error = await unpackZip(${JSON.stringify(zip)}, ${JSON.stringify(join(around, "out"))}, { unzippedBytesMax: 262144000 })
          .then(() => undefined, (reason) => reason);
        const tookMs = performance.now() - began;
        const grown = peak() - before;
        console.log(JSON.stringify({ code: error?.code, tookMs, grown }));`;
      const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
      const { code, tookMs, grown } = JSON.parse(ran.stdout);
      assert.ok(["too-large", "damaged"].includes(code), `${code} ${ran.stderr}`);
      assert.ok(tookMs < 2_000, `${tookMs} ms`);
      assert.ok(grown < 64 * mebibyte, `${grown} bytes`);
      assert.equal(globSync("**/*", { cwd: around }), []);
    },
    { timeoutMs: 60_000 },
  );
}

const files = entries.map(({ name, content }) => [name, content]).sort();

/** Paths and contents, following the link by its target alone. */
function whole(folder: string): readonly (readonly [unknown, unknown])[] {
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  const linked = read("current/b.mjs") === "b" ? "lib/deep" : "broken";
  const plain = ["index.mjs", "lib/a.mjs", "lib/deep/b.mjs"].map((path) => [path, read(path)] as const);
  return [["current", linked] as const, ...plain].sort();
}

test.run();
