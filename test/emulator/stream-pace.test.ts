import * as assert from "uvu/assert";
import { PassedStream } from "../../src/emulator/response-stream.ts";
import { documentedPace, Pacer } from "../../src/emulator/stream-pace.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the pace of a stream:");

const mebibyte = 1_048_576;

test("6 MiB go at full speed, and then 2 MiB each second", () => {
  const pacer = new Pacer(documentedPace);
  assert.is(pacer.delayMs(6 * mebibyte, 1_000), 0);
  assert.is(pacer.delayMs(mebibyte, 1_000), 500);
  assert.is(pacer.delayMs(mebibyte, 1_500), 500);
});

test("whoever was slow already does not wait", () => {
  const pacer = new Pacer(documentedPace);
  pacer.delayMs(7 * mebibyte, 0);
  assert.is(pacer.delayMs(2 * mebibyte, 10_000), 0);
});

test("a caller who leaves holds nobody up", async () => {
  const stream = new PassedStream({ burstBytes: 0, bytesPerSecond: 0.1 });
  const written = stream.write(Buffer.from("late"));
  stream.body.destroy();
  await written;
});

test("without a pace nothing waits", async () => {
  const stream = new PassedStream(undefined);
  await stream.write(Buffer.from("now"));
  assert.is(stream.body.read()?.toString(), "now");
});

test.run();
