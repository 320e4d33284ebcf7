/** Our client's parser beside llhttp on the same bytes: limits.md 3.2 row 7. What llhttp refuses is refused, and what both take is the same. */
import { request as nodeRequest } from "node:http";
import { Duplex } from "node:stream";
import * as assert from "uvu/assert";
import { HttpError } from "../../src/platform/http-error.ts";
import type { HttpResponse } from "../../src/platform/http-message.ts";
import { HttpResponseParser } from "../../src/platform/http-parser.ts";
import { seeded } from "../helpers/seeded.ts";
import { suite } from "../helpers/suite.ts";
import { goodSamples, malformedSamples } from "./http-samples.ts";

const test = suite("our HTTP parser and llhttp");

type Random = (below: number) => number;

const sources: readonly (readonly [string, (random: Random) => Buffer])[] = [
  ["good responses with a few bytes changed", (random) => mutated(random, pick(random, goodSamples).wire)],
  ["malformed responses with a few bytes changed", (random) => mutated(random, pick(random, shortMalformed)[2])],
  ["responses of pieces that smuggling is made of", (random) => Buffer.from(assembled(random), "latin1")],
  ["two responses glued together, one of them cut", (random) => Buffer.from(glued(random), "latin1")],
];

for (const [index, [what, make]] of sources.entries()) {
  test(`agree about ${what} (seeded)`, async () => {
    const random = seeded(7_112_026 + index);
    let accepted = 0;
    let refused = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const wire = make(random);
      const ours = viaUs(wire);
      if (ours === undefined) refused += 1;
      // What follows a response is nobody's business here: the connection is cut off for it.
      if (ours === undefined || ours.rest.length > 0) continue;
      accepted += 1;
      assert.equal(await viaNode(wire), shown(ours.response), JSON.stringify(wire.toString("latin1")));
    }
    assert.ok(accepted > 50 && refused > 50, `${accepted} accepted and ${refused} refused compare too little`);
  });
}

const shortMalformed = malformedSamples.filter(([, , wire]) => wire.length < 500);

function pick<T>(random: Random, items: readonly T[]): T {
  // as: an index below the length
  return items[random(items.length)] as T;
}

const pieces = '\r|\n|\r\n| |\t|:|;|0|1|a|\0|\x7f|\xff|-|+|,||"|=|\x0b|\x85|\r\n |\n\n|0\r\n\r\n'.split("|");

function mutated(random: Random, wire: string): Buffer {
  let text = wire;
  for (let count = 1 + random(2); count > 0; count -= 1) {
    const at = random(text.length);
    text = text.slice(0, at) + pick(random, pieces) + text.slice(at + random(2));
  }
  return Buffer.from(text, "latin1");
}

const statusLines = [
  ...["HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.0 200 OK", "HTTP/1.1 204 No", "HTTP/1.1 304 Not"],
  ...["HTTP/1.1  200 OK", "HTTP/1.1 200\tOK", "HTTP/2.0 200 OK", "http/1.1 200 OK", "HTTP/1.1 20 OK"],
];
const framings = [
  ...["Content-Length: 5", "content-length:5", "Content-Length: 05", "Content-Length: +5", "Content-Length: 5, 5"],
  ...["Content-Length: 0x5", "Content-Length: 5 ", "Content-Length:", "Content-Length: 5\r\nContent-Length: 6"],
  ...["Content-Length : 5", "Content-Length\0: 5", "Content-Length: 5\x0b", "Content-Length: 1e1"],
  ...["Transfer-Encoding: chunked", "transfer-encoding:CHUNKED", "Transfer-Encoding: chunked ", "Transfer-Encoding:"],
  ...["Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked"],
  ...["Transfer-Encoding: identity", "Transfer-Encoding : chunked", "Transfer-Encoding: \x0bchunked"],
  ...["Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding:\r\n chunked", "X: y"],
];
const headers = ["", "A: b", "A:", ": b", "A b", "A: b\r\n c", "A: \0", "A: \xe9", "A: b\rC: d", "A\xe9: b", "A: b\t "];
const lineEnds = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n"];
const bodies = [
  ...["hello", "hell", "", "5\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "5;a=b\r\nhello\r\n0\r\n\r\n", "0\r\n\r\n"],
  ...["5 \r\nhello\r\n0\r\n\r\n", "5;\r\nhello\r\n0\r\n\r\n", "05\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n"],
  ...["5\r\nhello0\r\n\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n", "5\r\nhello\r\n0\r\nX : y\r\n\r\n", "-5\r\nhello\r\n"],
  ...[
    '5;a="b\\"c"\r\nhello\r\n0\r\n\r\n',
    "5;a\x0b=b\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\n",
    "fffffffffffffffff\r\n",
  ],
];

/** Mostly right, so that what is wrong stands alone. */
function assembled(random: Random): string {
  const end = () => pick(random, lineEnds);
  const usual = <T>(items: readonly T[], good: number) => pick(random, random(3) === 0 ? items : items.slice(0, good));
  const lines = [usual(statusLines, 3), ...(random(3) === 0 ? [pick(random, headers)] : []), usual(framings, 2)];
  const shuffled = random(2) === 0 || lines.length < 3 ? lines : [lines[0], lines[2], lines[1]];
  if (random(2) === 0) return `${shuffled.filter((line) => line !== "").join("\r\n")}\r\n\r\n${usual(bodies, 4)}`;
  return `${shuffled.map((line) => `${line}${end()}`).join("")}${end()}${usual(bodies, 4)}`;
}

function glued(random: Random): string {
  const [one, two] = [pick(random, goodSamples).wire, pick(random, goodSamples).wire];
  return one.slice(0, random(one.length + 1)) + two.slice(random(3) === 0 ? random(two.length) : 0);
}

interface Shown {
  readonly status: number;
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
}

function shown({ status, body, headers: given }: HttpResponse): Shown {
  return { status, body: body.toString("latin1"), headers: [...given].sort() };
}

function viaUs(wire: Buffer): { response: HttpResponse; rest: Buffer } | undefined {
  const parser = new HttpResponseParser();
  try {
    const response = parser.push(wire) ?? parser.end();
    return response === undefined ? undefined : { response, rest: parser.rest };
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

/** What Node's own client reads from the same bytes and the end of the connection, or what it says instead. */
function viaNode(wire: Buffer): Promise<Shown | string> {
  return new Promise((resolve) => {
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    // as: a Duplex is all that the client uses of a socket here.
    const sent = nodeRequest({ host: "test", createConnection: () => stream as never });
    sent.on("error", (error) => resolve(`refused: ${error.message}`));
    sent.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", (error) => resolve(`refused: ${error.message}`));
      response.on("end", () => {
        const { statusCode = 0, rawHeaders } = response;
        resolve({ status: statusCode, body: Buffer.concat(parts).toString("latin1"), headers: joined(rawHeaders) });
      });
    });
    sent.end();
    stream.push(wire);
    stream.push(null);
  });
}

/** Name and value in turns, by name. */
function joined(raw: readonly string[]): readonly (readonly [string, string])[] {
  const all = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const [name = "", value = ""] = [raw[at]?.toLowerCase(), raw[at + 1]];
    all.set(name, all.has(name) ? `${all.get(name)}, ${value}` : value);
  }
  return [...all].sort();
}

test.run();
