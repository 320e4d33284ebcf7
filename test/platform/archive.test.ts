import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type ArchiveEntry, ArchiveError } from "../../src/platform/archive.ts";
import { readZip } from "../../src/platform/archive-read.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { writeZip } from "../../src/platform/archive-write.ts";
import { suite } from "../helpers/suite.ts";
import { craftedZip } from "./archive-crafted.ts";

const test = suite("writeZip()");
const root = mkdtempSync(join(tmpdir(), "bootlace-archive-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const limits = { unzippedBytesMax: 1_000_000 };
const entries: readonly ArchiveEntry[] = [
  { type: "file", path: "bin/bootstrap", mode: 0o755, content: Buffer.from("#!/bin/sh\n") },
  { type: "file", path: "bin/data-é.txt", mode: 0o644, content: Buffer.alloc(200_000, "ab") },
  { type: "directory", path: "closed", mode: 0o555 },
  { type: "file", path: "closed/inside", mode: 0o400, content: Buffer.from("x") },
  { type: "directory", path: "empty", mode: 0o750 },
  { type: "link", path: "lib/current", target: "../bin" },
  { type: "link", path: "lib/deep", target: "current/bootstrap" },
];

test("makes an archive that reads back as it was, whatever the order of its entries", async () => {
  const zip = await writeZip(entries.toReversed(), { level: 9 });
  assert.equal(await readZip(zip, limits), entries);
});

test("tries harder when asked for the densest, and loses nothing", async () => {
  // Random enough that the two algorithms differ, as they do on an engine.
  const words = Array.from({ length: 40_000 }, (_, index) => ((index * 2_654_435_761) % 4_093).toString(36));
  const text = Buffer.from(words.join(" "));
  const entry = { type: "file", path: "text", mode: 0o644, content: text } satisfies ArchiveEntry;
  const [usual, densest] = [await writeZip([entry], { level: 9 }), await writeZip([entry], { level: "densest" })];
  assert.equal(await readZip(densest, limits), [entry]);
  assert.is(
    createHash("sha256").update(densest).digest("hex"),
    "539e7e26b03769ae82c42b1acbb0c2eab9960795a58fb1172f014f5c027b1c75",
  );
  assert.not.equal(densest, usual);
});

test("makes an archive that unpacks with modes and links", async () => {
  const out = join(root, "round", "trip");
  const old = process.umask(0o077);
  await unpackZip(await writeZip(entries, { level: 1 }), out, limits).finally(() => process.umask(old));
  const mode = (path: string) => (lstatSync(join(out, path)).mode & 0o777).toString(8);
  assert.equal(["", "bin", "bin/bootstrap", "bin/data-é.txt", "closed", "closed/inside", "empty"].map(mode), [
    ...["755", "755", "755", "644", "555", "400", "750"],
  ]);
  assert.is(readlinkSync(join(out, "lib/current")), "../bin");
  assert.is(readFileSync(join(out, "lib/deep"), "utf8"), "#!/bin/sh\n");
  assert.equal(readdirSync(join(root, "round")), ["trip"]);
});

test("makes the same bytes twice, in any order and in any time zone", async () => {
  const program = `
    import { writeZip } from ${JSON.stringify(join(import.meta.dirname, "../../src/platform/archive-write.ts"))};
    const file = (path, text) => ({ type: "file", path, mode: 0o644, content: Buffer.from(text) });
    process.stdout.write(await writeZip([file("b", "two"), file("a", "one")], { level: 9 }));`;
  const inZone = (TZ: string) =>
    createHash("sha256")
      .update(execFileSync(process.execPath, ["--input-type=module", "-e", program], { env: { TZ } }))
      .digest("hex");
  const file = (path: string, text: string) =>
    ({ type: "file", path, mode: 0o644, content: Buffer.from(text) }) satisfies ArchiveEntry;
  const here = await writeZip([file("a", "one"), file("b", "two")], { level: 9 });
  const expected = createHash("sha256").update(here).digest("hex");
  for (const zone of ["UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati"])
    assert.is(inZone(zone), expected, zone);
});

const wrong: readonly (readonly [string, readonly ArchiveEntry[]])[] = [
  ["a path that climbs out", [{ type: "directory", path: "../x", mode: 0o755 }]],
  ["a path with a trailing slash", [{ type: "directory", path: "x/", mode: 0o755 }]],
  ["an empty path", [{ type: "directory", path: "", mode: 0o755 }]],
  ["a path with a backslash", [{ type: "directory", path: "a\\b", mode: 0o755 }]],
  ["a link that leaves", [{ type: "link", path: "a", target: "../b" }]],
  [
    "one path twice",
    [
      { type: "directory", path: "a", mode: 0o755 },
      { type: "link", path: "a", target: "b" },
    ],
  ],
];
for (const [what, some] of wrong) {
  test(`refuses ${what}`, async () => {
    const error = await writeZip(some, { level: 1 }).catch((reason) => reason);
    assert.instance(error, ArchiveError);
    assert.match(error.message, /^Cannot write the archive: /);
  });
}

test("leaves to readers what other writers do: no Unix modes, ./ in names, a root entry, chains of links", async () => {
  const zip = craftedZip([
    { name: "./", madeBy: 0, mode: 0 },
    { name: "./a.txt", content: "hi", madeBy: 0, mode: 0o120777 },
    { name: "dir/", madeBy: 0, mode: 0 },
    { name: "bare", content: "x", mode: 0 },
    { name: "setuid", content: "x", mode: 0o104755 },
    { name: "nm/a", content: ".store/a", mode: 0o120777 },
    { name: "nm/bin", content: "a/cli", mode: 0o120777 },
    { name: "nm/.store/a/cli", content: "x", mode: 0o100755 },
  ]);
  const kinds = (await readZip(zip, limits)).map((entry) =>
    entry.type === "link" ? [entry.path, entry.target] : [entry.path, entry.type, entry.mode.toString(8)],
  );
  assert.equal(kinds, [
    ["a.txt", "file", "644"],
    ["dir", "directory", "755"],
    ["bare", "file", "644"],
    ["setuid", "file", "755"],
    ["nm/a", ".store/a"],
    ["nm/bin", "a/cli"],
    ["nm/.store/a/cli", "file", "755"],
  ]);
});

test.run();
