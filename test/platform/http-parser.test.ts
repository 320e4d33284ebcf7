import * as assert from "uvu/assert";
import { HttpError } from "../../src/platform/http-error.ts";
import type { HttpResponse } from "../../src/platform/http-message.ts";
import { HttpResponseParser } from "../../src/platform/http-parser.ts";
import { seeded } from "../helpers/seeded.ts";
import { suite } from "../helpers/suite.ts";
import { type GoodSample, goodSamples, malformedSamples } from "./http-samples.ts";

const test = suite("HttpResponseParser");

for (const sample of goodSamples) {
  test(`reads ${sample.name}, cut anywhere`, () => {
    const wire = Buffer.from(sample.wire, "latin1");
    for (let first = 0; first <= wire.length; first += 1) {
      for (let second = first; second <= wire.length; second += 1) {
        expectGood(sample, [wire.subarray(0, first), wire.subarray(first, second), wire.subarray(second)]);
      }
    }
  });

  test(`reads ${sample.name}, byte by byte`, () => {
    expectGood(
      sample,
      [...Buffer.from(sample.wire, "latin1")].map((byte) => Buffer.from([byte])),
    );
  });

  test(`gives back what follows ${sample.name}`, () => {
    if (sample.untilClose) return;
    const parser = new HttpResponseParser();
    parser.push(Buffer.from(`${sample.wire}HTTP`, "latin1"));
    assert.is(parser.rest.toString(), "HTTP");
  });
}

for (const [name, code, wire] of malformedSamples) {
  test(`refuses ${name}`, () => {
    const bytes = Buffer.from(wire, "latin1");
    // Long samples are cut in fewer places: every cut costs a pass over all of it.
    const stride = Math.max(1, Math.floor(bytes.length / 300));
    for (let cut = 0; cut <= bytes.length; cut += stride) {
      assert.is(refusal([bytes.subarray(0, cut), bytes.subarray(cut)]), code, `cut at ${cut}`);
    }
  });
}

test("reads whatever a server may generate (seeded)", () => {
  const random = seeded(20_261_121);
  for (let round = 0; round < 3_000; round += 1) {
    const body = Array.from({ length: random(200) }, () => String.fromCharCode(random(256))).join("");
    const wire = Buffer.from(generated(random, body), "latin1");
    const pieces: Buffer[] = [];
    for (let at = 0; at < wire.length; ) {
      const length = 1 + random(40);
      pieces.push(wire.subarray(at, at + length));
      at += length;
    }
    expectGood({ name: `round ${round}`, wire: "", status: 200, body }, pieces);
  }
});

function expectGood(sample: GoodSample, pieces: readonly Buffer[]): void {
  const parser = new HttpResponseParser();
  let response: HttpResponse | undefined;
  for (const piece of pieces) response ??= parser.push(piece);
  if (sample.untilClose) response = parser.end();
  assert.ok(response, `${sample.name} is complete after ${pieces.length} pieces`);
  assert.is(response.status, sample.status);
  assert.is(response.body.toString("latin1"), sample.body);
  for (const [name, value] of Object.entries(sample.headers ?? {})) assert.is(response.headers.get(name), value);
}

function refusal(pieces: readonly Buffer[]): string {
  const parser = new HttpResponseParser();
  try {
    for (const piece of pieces) parser.push(piece);
  } catch (error) {
    return error instanceof HttpError ? error.code : String(error);
  }
  return "accepted";
}

function generated(random: (below: number) => number, body: string): string {
  const odd = (text: string) => [...text].map((c) => (random(2) === 0 ? c.toLowerCase() : c.toUpperCase())).join("");
  const noise = Array.from({ length: random(5) }, (_, i) => `${odd("x-noise")}-${i}:${" ".repeat(random(3))}v${i}\r\n`);
  if (random(2) === 0)
    return `HTTP/1.1 200 OK\r\n${noise.join("")}${odd("content-length")}: ${body.length}\r\n\r\n${body}`;
  let chunks = "";
  for (let at = 0; at < body.length; ) {
    const length = Math.min(1 + random(30), body.length - at);
    chunks += `${odd(length.toString(16))}${random(3) === 0 ? ";x=1" : ""}\r\n${body.slice(at, at + length)}\r\n`;
    at += length;
  }
  return `HTTP/1.1 200 OK\r\n${noise.join("")}${odd("transfer-encoding")}: chunked\r\n\r\n${chunks}0\r\n\r\n`;
}

test("keeps none of the bytes that it was given", () => {
  for (const [head, parts] of [
    ["Content-Length: 6", ["abc", "def"]],
    ["Transfer-Encoding: chunked", ["3\r\nabc\r\n3\r\nde", "f\r\n0\r\n\r\n"]],
  ] as const) {
    const parser = new HttpResponseParser();
    const [first, second] = [`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${parts[0]}`, parts[1]].map((text) =>
      Buffer.from(text),
    );
    assert.is(first && parser.push(first), undefined);
    first?.fill("x");
    const response = second && parser.push(second);
    second?.fill("x");
    assert.is(response?.body.toString(), "abcdef");
  }
});

test("makes no room for a body that a server only announces", () => {
  const before = process.memoryUsage().arrayBuffers;
  const parser = new HttpResponseParser();
  assert.is(parser.push(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\na")), undefined);
  assert.ok(process.memoryUsage().arrayBuffers - before < 16_000_000);
});

test.run();
