/** An environment's /tmp, as we lay it out: judged by those who know the format. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { writeBlankImage } from "../../src/emulator/supervisor/blank-image.ts";
import { toolAt } from "../../src/emulator/supervisor/isolation.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a blank image");
const folder = mkdtempSync(join(tmpdir(), "bootlace-image-"));
test.after(() => rmSync(folder, { recursive: true }));

// The smallest and the largest; some whose last group would be too small for its own tables; some in between.
for (const megabytes of [512, 513, 618, 869, 1_024, 2_751, 4_000, 10_240]) {
  test(`of ${megabytes} MB is a file system without an error, and takes next to nothing`, () => {
    const path = join(folder, `${megabytes}.img`);
    writeBlankImage({ path, megabytes, uid: 993, gid: 990 });
    const { size, blocks } = statSync(path);
    assert.ok(size > megabytes * 1024 * 1024 && size < (megabytes * 1.04 + 20) * 1024 * 1024, `${size}`);
    assert.ok(blocks * 512 < 1024 * 1024, `${blocks}`);
    const e2fsck = toolAt("e2fsck");
    if (e2fsck === undefined) return console.log('skipped: "e2fsck" is not installed');
    const { status, stdout, stderr } = spawnSync(e2fsck, ["-fn", path], { encoding: "utf8" });
    assert.is(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /: 10\/\d+ files \(0\.0% non-contiguous\)/);
  });
}

test("belongs to whom it is for", () => {
  const debugfs = toolAt("debugfs");
  if (debugfs === undefined) return console.log('skipped: "debugfs" is not installed');
  const path = join(folder, "owned.img");
  writeBlankImage({ path, megabytes: 512, uid: 993, gid: 990 });
  const { stdout } = spawnSync(debugfs, ["-R", "stat /", path], { encoding: "utf8" });
  assert.match(stdout, /Type: directory +Mode: +0755/);
  assert.match(stdout, /User: +993 +Group: +990 /);
});

test.run();
