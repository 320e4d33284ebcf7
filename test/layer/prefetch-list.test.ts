import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { architectures } from "../../src/layer/engine.ts";
import {
  formatPrefetchList,
  pagesToAskFor,
  parsePrefetchList,
  prefetchListFile,
  prefetchListOf,
  runsOfAddresses,
} from "../../src/layer/prefetch-list.ts";
import { readElf, segmentTypes } from "../../src/platform/elf.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("the list of pages that a start touches");
const root = mkdtempSync(join(tmpdir(), "bootlace-prefetch-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const node = readFileSync(process.execPath);
const elf = readElf(node);
const engineSha256 = "a".repeat(64);

test("is read as it was written", () => {
  const runs = [
    { first: 0x400, count: 1 },
    { first: 0x6b54, count: 0x33 },
  ];
  assert.equal(parsePrefetchList(formatPrefetchList({ engineSha256, runs })), { engineSha256, runs });
});

for (const text of ["", "400 1\n", `engine ${engineSha256}\n400\n`, `engine ${engineSha256}\n400 0\n`, "engine no\n"]) {
  test(`is refused as ${JSON.stringify(text.replace(engineSha256, "…"))}`, () => {
    assert.throws(() => parsePrefetchList(text), /^Cannot read the prefetch list: record it again/);
  });
}

test("comes back from addresses to the pages of the file that it was recorded from", () => {
  const second = elf.segments.filter(({ type }) => type === segmentTypes.load)[1];
  const page = Math.floor((second?.offset ?? 0) / 4_096) + 1;
  const runs = runsOfAddresses(elf, [{ first: page, count: 2 }]);
  assert.is.not(runs[0]?.first, page, "an address is no position");
  assert.equal(pagesToAskFor({ engineSha256, runs }, node), [{ first: page, count: 2 }]);
});

test("leaves out what is never loaded, such as symbols", () => {
  assert.equal(runsOfAddresses(elf, [{ first: Math.floor(node.length / 4_096) - 1, count: 1 }]), []);
});

test("is asked for in pieces that the kernel does not cut, a lone page between two read along", () => {
  const runs = runsOfAddresses(elf, [
    { first: 100, count: 1 },
    { first: 102, count: 40 },
    { first: 145, count: 1 },
  ]);
  assert.equal(pagesToAskFor({ engineSha256, runs }, node), [
    { first: 100, count: 32 },
    { first: 132, count: 10 },
    { first: 145, count: 1 },
  ]);
});

test("is asked for in its order, and a run of pages where the earliest of them stands", () => {
  const pages = [200, 300, 100, 302, 101, 250];
  const runs = pages.flatMap((first) => runsOfAddresses(elf, [{ first, count: 1 }]));
  assert.equal(pagesToAskFor({ engineSha256, runs }, node), [
    { first: 200, count: 1 },
    { first: 300, count: 3 },
    { first: 100, count: 2 },
    { first: 250, count: 1 },
  ]);
});

test("is refused for an engine that it was not recorded from", async () => {
  const engine = { arch: "x86_64", version: "1", folder: root, node: join(root, "node"), licence: "" } as const;
  writeFileSync(engine.node, "another engine");
  const file = join(root, "list.txt");
  writeFileSync(file, formatPrefetchList({ engineSha256, runs: [] }));
  await rejects(
    prefetchListOf(file, engine),
    /it was recorded from another engine, record it again with "npm run build/,
  );
  const sha256 = createHash("sha256").update("another engine").digest("hex");
  writeFileSync(file, formatPrefetchList({ engineSha256: sha256, runs: [] }));
  assert.equal((await prefetchListOf(file, engine)).runs, []);
});

for (const name of manifest.engines) {
  for (const arch of architectures) {
    test(`of ${name} for ${arch} is there, and asks for no more than 20 MB`, () => {
      const { runs } = parsePrefetchList(readFileSync(prefetchListFile(name, arch), "utf8"));
      const pages = runs.reduce((sum, { count }) => sum + count, 0);
      assert.ok(pages > 3_000 && pages * 4_096 < 20_000_000, `${pages} pages`);
    });
  }
}

test.run();
