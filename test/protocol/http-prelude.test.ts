import * as assert from "uvu/assert";
import { type Prelude, PreludeReader } from "../../src/protocol/http-prelude.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("PreludeReader");

const json = JSON.stringify({ statusCode: 201, headers: { "x-a": "1", n: 2, bad: {} }, cookies: ["a=1", "b=2"] });
const nul = (count: number) => Buffer.alloc(count);
const bytes = Buffer.concat([Buffer.from(json), nul(8), Buffer.from("body")]);

for (let cut = 0; cut <= bytes.length; cut += 1) {
  test(`finds the end of the prelude when it is cut at byte ${cut}`, () => {
    const reader = new PreludeReader();
    const first = reader.push(bytes.subarray(0, cut));
    const both = first.at === "read" ? { ...first, rest: Buffer.concat([first.rest, bytes.subarray(cut)]) } : undefined;
    check(both ?? reader.push(bytes.subarray(cut)));
  });
}

test("finds it byte by byte", () => {
  const reader = new PreludeReader();
  const states = [...bytes].map((byte) => reader.push(Uint8Array.of(byte)));
  const end = json.length + 8;
  assert.is(
    states.findIndex(({ at }) => at === "read"),
    end - 1,
  );
});

test("takes seven NULs for a part of the JSON, which is then malformed", () => {
  const reader = new PreludeReader();
  assert.is(reader.push(Buffer.concat([Buffer.from(json), nul(7), Buffer.from("body")])).at, "reading");
  assert.is(reader.push(nul(8)).at, "malformed");
});

test("leaves a ninth NUL to the body", () => {
  const prelude = new PreludeReader().push(Buffer.concat([Buffer.from(json), nul(9)]));
  assert.is(prelude.at, "read");
  assert.equal(prelude.at === "read" && [...prelude.rest], [0]);
});

test("calls a prelude without JSON malformed", () => {
  assert.is(new PreludeReader().push(Buffer.concat([Buffer.from("{bad"), nul(8)])).at, "malformed");
});

test.run();

function check(prelude: Prelude): void {
  assert.is(prelude.at, "read");
  if (prelude.at !== "read") return;
  assert.equal(prelude.metadata, { statusCode: 201, headers: { "x-a": "1", n: "2" }, cookies: ["a=1", "b=2"] });
  assert.is(Buffer.from(prelude.rest).toString(), "body");
}
