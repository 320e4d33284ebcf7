import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { TranscriptFile } from "../../../src/extension/recording/transcript-file.ts";
import { parseWireTranscript } from "../../../src/protocol/schema/wire-transcript.ts";
import { wireTranscriptLine } from "../../../src/protocol/wire-transcript.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("a transcript's file");
const root = mkdtempSync(join(tmpdir(), "bootlace-transcript-"));
test.after(() => rmSync(root, { recursive: true, force: true }));
const head = { wire: "transcript", version: 1, at: 1, by: "test" } as const;
const line = (at: number, event: unknown = "x".repeat(at % 90)) => wireTranscriptLine({ wire: "event", at, event });

test("never grows beyond its size, keeps the newest, and counts what went, however often it went", () => {
  const path = join(root, "bounded.jsonl");
  let file = new TranscriptFile(path, 4_096, head);
  let bytes = 0;
  for (let at = 2; at < 502; at += 1) {
    // Whoever writes may be started again.
    if (at === 300) file = new TranscriptFile(path, 4_096, head);
    file.append(line(at));
    bytes += line(at).length;
    assert.ok(statSync(path).size <= 4_096, `at ${at}`);
  }
  const lines = parseWireTranscript(readFileSync(path, "utf8"));
  const events = lines.flatMap((each) => (each.wire === "event" ? [each.at] : []));
  const [dropped] = lines.flatMap((each) => (each.wire === "dropped" ? [each] : []));
  assert.is(events.at(-1), 501);
  assert.equal(
    events,
    events.map((_, index) => 502 - events.length + index),
  );
  assert.is(dropped?.lines, 500 - events.length);
  assert.is(dropped?.bytes, bytes - events.reduce((sum, at) => sum + line(at).length, 0));
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test("drops a line that is larger than all of it, and goes on", () => {
  const path = join(root, "large.jsonl");
  const file = new TranscriptFile(path, 4_096, head);
  file.append(line(2, "x".repeat(5_000)));
  file.append(line(3));
  assert.equal(
    parseWireTranscript(readFileSync(path, "utf8")).map(({ wire, at }) => [wire, at]),
    [
      ["transcript", 1],
      ["dropped", 1],
      ["event", 3],
    ],
  );
});

test.run();
