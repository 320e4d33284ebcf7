import { Readable } from "node:stream";
import * as assert from "uvu/assert";
import { encodeFrame, type Frame, readFrames } from "../../../src/runtime/parts/frames.ts";
import { rejects, suite } from "../../helpers/suite.ts";

const test = suite("frames between a runtime and its child");

async function all(stream: Readable): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(stream)) frames.push(frame);
  return frames;
}

const sent = Buffer.concat([
  encodeFrame({ type: "invocation", requestId: "a\nb ☃" }, Buffer.from('{"x":1}\n{"type":"trap"}\n')),
  encodeFrame({ type: "end" }),
  encodeFrame({ type: "chunk" }, Buffer.from([0, 10, 255])),
]);

test("are read whole wherever the pipe cuts them", async () => {
  for (let size = 1; size <= sent.length; size += 1) {
    const pieces = Array.from({ length: Math.ceil(sent.length / size) }, (_, i) =>
      sent.subarray(i * size, (i + 1) * size),
    );
    const frames = await all(Readable.from(pieces));
    assert.equal(
      frames.map(({ fields, body }) => [fields.type, body.toString("hex")]),
      [
        ["invocation", Buffer.from('{"x":1}\n{"type":"trap"}\n').toString("hex")],
        ["end", ""],
        ["chunk", "000aff"],
      ],
    );
    assert.is(frames[0]?.fields.requestId, "a\nb ☃");
  }
});

test("that are cut off anywhere but between two are an error", async () => {
  const ends = new Set<number>([0]);
  for (const size of [encodeFrame({ type: "end" }).length]) ends.add(size);
  const one = encodeFrame({ type: "chunk" }, Buffer.from("abc"));
  for (let end = 1; end < one.length; end += 1)
    await rejects(all(Readable.from([one.subarray(0, end)])), /The pipe ended/);
  assert.equal(await all(Readable.from([])), []);
});

for (const [text, problem] of [
  ["hello\n", /one line of JSON, not "hello"/],
  ["[1]\n", /one line of JSON/],
  ['{"bytes":-1}\n', /"bytes" of a frame is a whole number, not -1/],
  ['{"bytes":"3"}\nabc', /whole number, not "3"/],
  ["x".repeat(1_048_577), /at most 1048576 bytes/],
] as const) {
  test(`are refused: ${problem.source}`, () => rejects(all(Readable.from([Buffer.from(text)])), problem));
}

test.run();
