import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { amazonLinux2023 } from "../../layer/amazon-linux-2023.ts";
import { hostNeeds, needInWords } from "../../src/layer/host-needs.ts";
import type { ArchiveEntry } from "../../src/platform/archive.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("hostNeeds()");
const node = readFileSync(process.execPath);
const found = hostNeeds([file("bin/node", node), file("notes.txt", Buffer.from("text"))]);
const need = (library: string, needs = found) => needs.find((one) => one.library === library);

test("finds the C library that an engine needs in what Amazon Linux provides, with a source", () => {
  const { from, source, versions } = need("libc.so.6") ?? {};
  assert.is(from, "amazon-linux");
  assert.match(source ?? "", /AL2023 User Guide/);
  assert.ok(Object.hasOwn(versions ?? {}, "GLIBC"));
});

test("says of a library that no source names that it is unproved", () => {
  const cxx = need("libstdc++.so.6");
  assert.is(cxx?.from, "unproved");
  assert.match(needInWords(cxx ?? { library: "", versions: {} }), /^libstdc\+\+\.so\.6 \(CXXABI \S+, GLIBCXX \S+\)$/);
});

test("takes the newest version of a family, and compares its parts as numbers", () => {
  // Of GLIBC_2.4, GLIBC_2.17 and GLIBC_2.28 the last is the newest, which no order of letters says.
  assert.is(need("libc.so.6")?.versions.GLIBC, "2.28");
});

test("is not content with a version that Amazon Linux has not yet", () => {
  const newer = Buffer.from(node);
  replace(newer, "GLIBC_2.28\0", "GLIBC_2.99\0");
  assert.is(need("libc.so.6", hostNeeds([file("bin/node", newer)]))?.from, "nowhere");
});

test("finds a library that nobody provides in the layer, or nowhere", () => {
  const other = Buffer.from(node);
  replace(other, "libdl.so.2\0", "libxx.so.2\0");
  const alone = [file("bin/node", other)];
  assert.is(need("libxx.so.2", hostNeeds(alone))?.from, "nowhere");
  assert.is(need("libxx.so.2", hostNeeds([...alone, file("lib/libxx.so.2", Buffer.from("any"))]))?.from, "layer");
});

test("has a source for every library that Amazon Linux is said to provide", () => {
  assert.equal(
    amazonLinux2023.filter(({ source }) => !/User Guide|Developer Guide/.test(source)),
    [],
  );
});

test.run();

function file(path: string, content: Uint8Array): ArchiveEntry {
  return { type: "file", path, mode: 0o755, content };
}

/** In the table of strings that the loader reads; the first mention in the file. */
function replace(content: Buffer, old: string, wanted: string): void {
  const at = content.indexOf(old, 0, "latin1");
  assert.ok(at > 0, old);
  content.write(wanted, at, "latin1");
}
