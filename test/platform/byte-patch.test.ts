import * as assert from "uvu/assert";
import { patchBetween, patched } from "../../src/platform/byte-patch.ts";
import { packFiles, unpackFiles } from "../../src/platform/file-pack.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("what travels inside a program:");

const base = Buffer.from("a program of which some bytes are others, and which is longer at its end");

for (const [what, to] of [
  ["itself", base],
  ["nothing", Buffer.alloc(0)],
  ["a shorter one", base.subarray(0, 20)],
  ["a longer one", Buffer.concat([base, Buffer.from(" than it was")])],
  [
    "other bytes at the beginning and at the end",
    Buffer.from(base)
      .fill(0, 0, 3)
      .fill(0, base.length - 2),
  ],
  ["changes that are nearly one", Buffer.from(base).fill(0, 4, 5).fill(0, 20, 21).fill(0, 40, 60)],
  ["something else altogether", Buffer.alloc(500, 7)],
] as const)
  test(`a patch leads from a program to ${what}`, () => {
    assert.equal(patched(base, patchBetween(base, to)), Buffer.from(to));
  });

test("a patch holds what differs, and little more", () => {
  const to = Buffer.from(base).fill(0, 30, 34);
  assert.is(patchBetween(base, to).length, 8 + 8 + 4);
});

test("files come back with their modes, sorted, and the same files make the same bytes", () => {
  const files = [
    { path: "b/c", mode: 0o755, content: Buffer.from("second") },
    { path: "a", mode: 0o644, content: Buffer.alloc(0) },
  ];
  const packed = packFiles(files);
  assert.equal(packed, packFiles(files.toReversed()));
  const found = unpackFiles(packed).map(({ path, mode, content }) => [path, mode, Buffer.from(content).toString()]);
  assert.equal(found, [
    ["a", 0o644, ""],
    ["b/c", 0o755, "second"],
  ]);
});

test.run();
