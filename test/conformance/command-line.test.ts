import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { visibleWithMounts } from "../../src/conformance/command-line.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a command with mounts");

test("is refused where one of its files lies in a folder that is put over", () => {
  const folder = mkdtempSync("/tmp/bootlace-test-");
  try {
    const file = join(folder, "loop.mjs");
    writeFileSync(file, "");
    assert.throws(() => visibleWithMounts(["/bin/sh", file]), /loop.mjs" cannot be seen .* another \/tmp there/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("may name what is there inside only", () => {
  const command = ["/bin/sh", "/tmp/is-made-later", "/var/task/index"];
  assert.equal(visibleWithMounts(command), command);
});

test.run();
