import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  addressOf,
  dynamicEntries,
  type Elf,
  ElfError,
  offsetOf,
  readElf,
  segmentTypes,
} from "../../src/platform/elf.ts";
import { bindElf } from "../../src/platform/elf-bind.ts";
import { elfNeeds } from "../../src/platform/elf-needs.ts";
import { stripElf } from "../../src/platform/elf-strip.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("executables of Linux");
const root = mkdtempSync(join(tmpdir(), "bootlace-elf-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const node = readFileSync(process.execPath);
const elf = readElf(node);
const stripped = stripElf(node);

test("say what they are for and how they are loaded", () => {
  assert.is(elf.architecture, process.arch === "arm64" ? "arm64" : "x86_64");
  const text = sectionOf(elf, ".text");
  const address = addressOf(elf, text.offset);
  assert.is(offsetOf(elf, address ?? 0), text.offset);
  assert.is(offsetOf(elf, 1), undefined);
  assert.is(addressOf(elf, node.length - 1), undefined);
});

test("say what they need", () => {
  const { interpreter, libraries, versions } = elfNeeds(node);
  assert.match(interpreter ?? "", /ld-linux/);
  assert.ok(libraries.includes("libc.so.6"));
  assert.ok(versions.some(({ library, version }) => library === "libc.so.6" && version === "GLIBC_2.28"));
});

test("lose their symbols and no byte that is loaded", () => {
  assert.ok(stripped.length < node.length * 0.9);
  const after = readElf(stripped);
  assert.equal(after.segments, elf.segments);
  for (const { type, offset, fileBytes } of elf.segments) {
    if (type !== segmentTypes.load) continue;
    // The file header, in the first segment, says where the section headers moved.
    const from = Math.max(offset, 64);
    assert.ok(stripped.subarray(from, offset + fileBytes).equals(node.subarray(from, offset + fileBytes)));
  }
  const names = after.sections.map(({ name }) => name);
  assert.ok(names.includes(".text") && names.includes(".dynsym") && names.at(-1) === ".shstrtab");
  assert.not.ok(names.some((name) => /^\.(symtab|strtab|debug|comment)/.test(name)));
});

test("run when they are stripped", () => {
  const file = join(root, "stripped");
  writeFileSync(file, stripped, { mode: 0o755 });
  assert.is(execFileSync(file, ["-p", "process.version"], { encoding: "utf8" }).trim(), process.version);
});

test("have the addresses of their own symbols written, and nothing else changed", () => {
  const bound = bindElf(stripped);
  assert.is(bound.length, stripped.length);
  const [relocations, functions] = [".rela.dyn", ".rela.plt"].map((name) => sectionOf(readElf(stripped), name));
  assert.ok(relocations && functions);
  const tables = [relocations, functions];
  const slots = new Set<number>();
  for (const { offset, bytes } of tables) {
    for (let at = offset; at < offset + bytes; at += 24) {
      if (bound.subarray(at, at + 24).equals(stripped.subarray(at, at + 24))) continue;
      assert.ok(bound.subarray(at + 8, at + 24).every((byte) => byte === 0));
      slots.add(offsetOf(elf, Number(bound.readBigUInt64LE(at))) ?? 0);
    }
  }
  assert.ok(slots.size > 0);
  for (const slot of slots) assert.ok(bound.readBigUInt64LE(slot) > 0n);
  const restored = Buffer.from(bound);
  for (const { offset, bytes } of tables) stripped.copy(restored, offset, offset, offset + bytes);
  for (const slot of slots) stripped.copy(restored, slot, slot, slot + 8);
  assert.ok(restored.equals(stripped));
  const file = join(root, "bound");
  writeFileSync(file, bound, { mode: 0o755 });
  assert.is(execFileSync(file, ["-p", "process.version"], { encoding: "utf8" }).trim(), process.version);
});

test("are left as they are where the place they are loaded at decides their addresses", () => {
  const moving = Buffer.from(stripped);
  moving.writeUInt16LE(3, 16);
  assert.is(bindElf(moving), moving);
});

test("refuse to be bound when their relocations lead out of the file", () => {
  const dynamic = elf.segments.find(({ type }) => type === segmentTypes.dynamic);
  const endless = Buffer.from(stripped);
  const entries = dynamicEntries(endless, elf);
  const index = entries.findIndex(([tag]) => tag === 8);
  endless.writeBigUInt64LE(BigInt(endless.length), (dynamic?.offset ?? 0) + index * 16 + 8);
  assert.throws(() => bindElf(endless), /^its relocations lead out of the file$/);
});

const damaged: readonly (readonly [string, Buffer, RegExp])[] = [
  ["a script", Buffer.from("#!/bin/sh\n"), /no ELF file$/],
  ["an empty file", Buffer.alloc(0), /no ELF file$/],
  ["one of 32 bits", withByte(4, 1), /no ELF file of 64 bits/],
  ["a truncated one", node.subarray(0, 200), /ends before its headers do/],
];
for (const [what, content, reason] of damaged) {
  test(`refuse to be ${what}`, () => {
    assert.throws(
      () => readElf(content),
      (error: unknown) => error instanceof ElfError && reason.test(error.message),
    );
  });
}

test.run();

function sectionOf({ sections }: Elf, wanted: string) {
  const found = sections.find(({ name }) => name === wanted);
  assert.ok(found);
  return found;
}

function withByte(at: number, value: number): Buffer {
  const changed = Buffer.from(node.subarray(0, 4_096));
  changed[at] = value;
  return changed;
}
