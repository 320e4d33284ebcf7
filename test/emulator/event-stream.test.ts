import * as assert from "uvu/assert";
import { eventStreamMessage, invokeComplete, payloadChunk } from "../../src/emulator/api/event-stream.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("event stream:");

test("a payload chunk begins as the one that a public capture shows, its first checksum included", () => {
  const recorded = "000000760000005a980e72ec0b3a6576656e742d7479706507000c5061796c6f61644368756e6b";
  assert.is(payloadChunk(Buffer.from("Hello world\n")).toString("hex").slice(0, recorded.length), recorded);
});

test("the first checksum covers the lengths, the last one everything", () => {
  const message = eventStreamMessage({}, Buffer.from("x"));
  assert.is(message.length, 17);
  assert.is(message.readUInt32BE(0), 17);
  assert.is(message.readUInt32BE(4), 0);
});

test("the end carries the log tail where one was asked for", () => {
  assert.ok(invokeComplete("dGFpbA==").includes('{"LogResult":"dGFpbA=="}'));
  assert.ok(invokeComplete(undefined).includes("{}"));
});

test.run();
