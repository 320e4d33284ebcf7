import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";

const root = join(import.meta.dirname, "../..");

/** That a test file has a test of which these words are a part. */
export function assertTest(file: string, words: string): void {
  const titles = readFileSync(join(root, file), "utf8")
    .split("\n")
    .filter((line) => /^\s*(?:test\(|walled\(|["`])/.test(line));
  assert.ok(
    titles.some((line) => line.includes(words)),
    `${file} has no test "${words}"`,
  );
}
