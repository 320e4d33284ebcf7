import * as assert from "uvu/assert";
import { shortTranscript as shortened, transcriptLimits } from "../../src/conformance/short-transcript.ts";
import { transcriptOf } from "../../src/conformance/transcript.ts";
import { suite } from "../helpers/suite.ts";
import { readEmulatorRecords } from "../interop/emulators.ts";
import { readRecords } from "../interop/matrix.ts";

const test = suite("a recorded transcript");

const shortTranscript = (all: readonly string[]) => shortened(all, transcriptLimits.record);
const lines = (count: number) => Array.from({ length: count }, (_, index) => `  line ${index}`);

test("is whole where it is short", () => {
  assert.equal(shortTranscript(lines(80)), lines(80));
  assert.equal(shortTranscript([]), []);
});

test("says how much of it is left out", () => {
  const short = shortTranscript(lines(1_000));
  assert.equal(short, [...lines(40), "  … 920 lines left out", ...lines(1_000).slice(-40)]);
  assert.is(shortTranscript(lines(81))[40], "  … 1 line left out");
});

test("keeps every offending line, and what stands around it", () => {
  const long = lines(1_000).map((line, index) => ([100, 500, 501].includes(index) ? `! line ${index}` : line));
  const short = shortTranscript(long);
  assert.equal(short.slice(40, 48), ["  … 57 lines left out", ...long.slice(97, 104)]);
  assert.equal(short.slice(48, 57), ["  … 393 lines left out", ...long.slice(497, 505)]);
  assert.is(short[57], "  … 455 lines left out");
  assert.equal(shortTranscript(short), short, "twice as once");
});

test("is short also where everything offends", () => {
  const all = lines(75_000).map((line) => line.replace(" ", "!"));
  const short = shortened(all, { linesAtEnds: 20, offendingMax: 40 });
  assert.equal(short, [...all.slice(0, 43), "  … 74937 lines left out", ...all.slice(-20)]);
});

test("shows the beginning of a large body, and says how much of it is left out", () => {
  const request = { head: "POST /a HTTP/1.1", body: Buffer.alloc(2_000, "a") };
  const [, body] = transcriptOf([{ connection: 1, at: 0, sentAt: 1, request }], [], 0);
  assert.is(body, `      "${"a".repeat(600)}" and 1400 bytes more`);
});

test("is short in every record", () => {
  for (const { subject, results } of [...readRecords(), ...readEmulatorRecords()])
    for (const { id, verdict } of results)
      if (verdict.type === "failed") {
        assert.equal(verdict.transcript, shortTranscript(verdict.transcript), `${subject.name} ${id}`);
        for (const line of verdict.transcript) assert.ok(line.length < 5_000, `${subject.name} ${id}`);
      }
});

test.run();
