import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ArchiveError, type ArchiveErrorCode } from "../../src/platform/archive.ts";
import { readZip } from "../../src/platform/archive-read.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { suite } from "../helpers/suite.ts";
import { type CraftedEntry, craftedZip, localPart } from "./archive-crafted.ts";

const test = suite("unpackZip()");
const root = mkdtempSync(join(tmpdir(), "bootlace-archive-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const limits = { unzippedBytesMax: 100_000, entriesMax: 50 };
const link = (name: string, target: string): CraftedEntry => ({ name, content: target, mode: 0o120777, method: 0 });
const good: CraftedEntry = { name: "index.mjs", content: "export const handler = () => 1;" };
const zeros = (bytes: number) => Buffer.alloc(bytes);

const named = (name: string | Buffer): CraftedEntry => ({ name, content: "x" });
const badNames: readonly (readonly [string, string | Buffer])[] = [
  ["a name that climbs out", "../x"],
  ["a name that climbs out later", "a/../../x"],
  ["a name that climbs and comes back", "a/../x"],
  ["a directory that climbs out", "../x/"],
  ["a name that is only ..", ".."],
  ["a name that ends in ..", "a/.."],
  ["an absolute name", "/etc/x"],
  ["an absolute name with two slashes", "//etc/x"],
  ["a drive letter", "C:\\x"],
  ["a drive letter with a slash", "c:/x"],
  ["a drive-relative name", "C:x"],
  ["a backslash that climbs out", "..\\x"],
  ["a backslash inside", "a\\b"],
  ["a network share", "\\\\host\\share"],
  ["a NUL at the end", "index.mjs\0"],
  ["a NUL that hides a suffix", "x.txt\0.sh"],
  ["a name that is not UTF-8", Buffer.from([0x61, 0xff, 0x62])],
  ["an overlong encoding of ../", Buffer.from([0x2e, 0x2e, 0xc0, 0xaf, 0x78])],
  ["a lone surrogate", Buffer.from([0xed, 0xa0, 0x80])],
  ["a file name over 255 bytes", "n".repeat(256)],
  ["a path over 4,095 bytes", "dir/".repeat(1_100)],
];

const hostile: readonly (readonly [string, ArchiveErrorCode, Buffer])[] = [
  ...badNames.map(([what, name]) => [what, "unsafe-name", craftedZip([good, named(name)])] as const),
  ["two files with one path", "duplicate-path", craftedZip([named("a"), named("a")])],
  ["two spellings of one path", "duplicate-path", craftedZip([named("a/b"), named("a//./b")])],
  ["a file and a directory with one path", "duplicate-path", craftedZip([named("a"), { name: "a/", mode: 0o040755 }])],
  ["a file below a file", "duplicate-path", craftedZip([named("a"), named("a/b")])],
  ["a link, then a file with its path", "duplicate-path", craftedZip([link("a", "b"), named("a")])],
  ["a file, then a link with its path", "duplicate-path", craftedZip([named("a"), link("a", "b")])],
  ["a link, then a file through it", "duplicate-path", craftedZip([link("a", "b"), named("a/x")])],
  ["a file, then a link above it", "duplicate-path", craftedZip([named("a/x"), link("a", "b")])],
  ["a link, then a link through it", "duplicate-path", craftedZip([link("a", "b"), link("a/x", "y")])],
  ["a link that climbs out", "unsafe-link", craftedZip([good, link("a", "../x")])],
  ["a link that climbs out from below", "unsafe-link", craftedZip([good, link("a/b", "../../x")])],
  ["a link that climbs out and comes back", "unsafe-link", craftedZip([good, link("a", "../a/b")])],
  ["an absolute link", "unsafe-link", craftedZip([good, link("a", "/etc/passwd")])],
  ["a link into /proc", "unsafe-link", craftedZip([good, link("a", "/proc/self/root/etc")])],
  ["an empty link", "unsafe-link", craftedZip([good, link("a", "")])],
  ["a link with a NUL", "unsafe-link", craftedZip([good, link("a", "b\0c")])],
  ["a link to itself", "unsafe-link", craftedZip([good, link("a", "a")])],
  ["links in a circle", "unsafe-link", craftedZip([good, link("a", "b"), link("b", "a")])],
  ["a link target over 4,095 bytes", "unsafe-link", craftedZip([good, link("a", "x/".repeat(2_100))])],
  [
    "two links that only together climb out",
    "unsafe-link",
    craftedZip([good, link("a/b/c/up", "../../.."), link("a/b/c/out", "up/../etc")]),
  ],
  [
    "a link that climbs out as text, though not on disk",
    "unsafe-link",
    craftedZip([good, link("a", "x/y/z"), link("b", "a/../../w")]),
  ],
  ["a character device", "unsupported-entry", craftedZip([good, { name: "null", mode: 0o020666 }])],
  ["a block device", "unsupported-entry", craftedZip([good, { name: "disk", mode: 0o060666 }])],
  ["a named pipe", "unsupported-entry", craftedZip([good, { name: "pipe", mode: 0o010666 }])],
  ["a socket", "unsupported-entry", craftedZip([good, { name: "socket", mode: 0o140666 }])],
  ["a directory that is a link", "unsupported-entry", craftedZip([{ ...link("a/", "b") }])],
  ["an encrypted file", "unsupported-entry", craftedZip([good, { name: "a", content: "x", flags: 0x801 }])],
  ["an unknown compression", "unsupported-entry", craftedZip([good, { name: "a", content: "x", method: 99 }])],
  ["too many declared bytes", "too-large", craftedZip([good, { name: "a", content: zeros(100_001) }])],
  [
    "too many bytes in two files",
    "too-large",
    craftedZip([
      { name: "a", content: zeros(60_000) },
      { name: "b", content: zeros(60_000) },
    ]),
  ],
  [
    "a bomb that declares nothing",
    "too-large",
    craftedZip([good, { name: "a", content: zeros(20_000_000), declaredBytes: 0 }]),
  ],
  [
    "a bomb that declares little",
    "too-large",
    craftedZip([good, { name: "a", content: zeros(20_000_000), declaredBytes: 10 }]),
  ],
  ["too many entries", "too-large", craftedZip(Array.from({ length: 51 }, (_, index) => named(`f${index}`)))],
  ["a false count of entries", "too-large", craftedZip([good], { entries: 60_000 })],
  ["two names for one content", "damaged", craftedZip([named("a"), { ...named("b"), at: 0 }])],
  [
    "an entry inside the content of another",
    "damaged",
    craftedZip([
      { name: "outer", content: localPart(named("inner")), method: 0 },
      { ...named("inner"), at: 30 + "outer".length },
    ]),
  ],
  ["an entry with two names", "damaged", craftedZip([good, { ...named("a"), localName: "b" }])],
  ["a file shorter than declared", "damaged", craftedZip([good, { name: "a", content: "xy", declaredBytes: 9 }])],
  ["a wrong checksum", "damaged", craftedZip([good, { name: "a", content: "xy", declaredCrc: 1 }])],
  ["a count beyond the directory", "damaged", craftedZip([good], { entries: 2 })],
  ["bytes that are no zip", "damaged", Buffer.from("not a zip at all")],
  ["nothing", "damaged", Buffer.alloc(0)],
  ["half a zip", "damaged", craftedZip([good, named("a")]).subarray(0, 60)],
  ["deflate data that is broken", "damaged", broken(craftedZip([good]))],
];

for (const [what, code, bytes] of hostile) {
  test(`refuses ${what}`, async () => {
    const around = mkdtempSync(join(root, "case-"));
    const place = join(around, "inner");
    mkdirSync(place);
    const error = await failure(unpackZip(bytes, join(place, "out"), limits));
    assert.is(error.code, code, error.message);
    assert.match(error.message, /^Cannot read the archive: [^\n]*[^.\s]$/);
    assert.equal(readdirSync(around, { recursive: true }), ["inner"]);
    const inMemory = await failure(readZip(bytes, limits));
    assert.is(inMemory.code, code);
  });
}

test("names the file in its sentence and leaves a full folder as it is", async () => {
  const place = mkdtempSync(join(root, "taken-"));
  writeFileSync(join(place, "kept"), "mine");
  writeFileSync(join(root, "fn.zip"), craftedZip([good]));
  const error = await failure(unpackZip(join(root, "fn.zip"), place, limits));
  assert.is(error.code, "destination-taken");
  assert.match(error.message, /^Cannot read "fn\.zip": the folder /);
  assert.equal(readdirSync(place), ["kept"]);
  assert.not.ok(readdirSync(root).some((name) => name.startsWith(".taken-")));
});

test("tells encryption from an unknown compression", async () => {
  const error = await failure(readZip(craftedZip([{ name: "a", content: "x", flags: 1 }]), limits));
  assert.match(error.message, /"a" is encrypted: pack it again without a password$/);
});

test("leaves the machine's own failures as they are", async () => {
  const error = await unpackZip(join(root, "absent.zip"), join(root, "x"), limits).catch((reason) => reason);
  assert.is(error.code, "ENOENT");
});

test.run();

async function failure(promise: Promise<unknown>): Promise<ArchiveError> {
  const error: unknown = await promise.then(
    () => new Error("was accepted"),
    (reason) => reason,
  );
  if (!(error instanceof ArchiveError)) throw error;
  return error;
}

function broken(zip: Buffer): Buffer {
  const start = 30 + "index.mjs".length;
  return Buffer.concat([zip.subarray(0, start), Buffer.from([0xff, 0xff]), zip.subarray(start + 2)]);
}
