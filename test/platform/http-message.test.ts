import * as assert from "uvu/assert";
import { HttpError } from "../../src/platform/http-error.ts";
import { parseAuthority, requestPieces } from "../../src/platform/http-message.ts";
import { headerSafe } from "../../src/protocol/headers.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("requestPieces() and parseAuthority()");
const next = { method: "GET", path: "/next" } as const;

const authorities = [
  ["127.0.0.1:9001", "127.0.0.1", 9001],
  ["[::1]:9001", "::1", 9001],
  ["::1:9001", "::1", 9001],
  ["sandbox.localdomain:80", "sandbox.localdomain", 80],
  ["localhost", "localhost", 80],
] as const;

for (const [authority, host, port] of authorities) {
  test(`reads the address ${authority}`, () => {
    assert.equal(parseAuthority(authority), { host, port, authority });
  });
}

for (const authority of ["", "a b:1", "a:99999", "a\r\nb:1", "a/b:1", "http://a:1"]) {
  test(`refuses the address ${JSON.stringify(authority)}`, () => {
    assert.is(
      codeOf(() => parseAuthority(authority)),
      "BAD_ADDRESS",
    );
  });
}

test("lets no character of a header value end a line, and agrees with the protocol about which those are", () => {
  const address = parseAuthority("a:1");
  for (let code = 0; code < 0x200; code += 1) {
    const value = `a${String.fromCharCode(code)}b`;
    const outcome = codeOf(() => requestPieces({ ...next, headers: { X: value } }, address));
    assert.is(outcome === "UNSAFE_REQUEST", !headerSafe(value), `character ${code}`);
  }
});

const unsafe = [
  ["a space in the path", { ...next, path: "/a b" }],
  ["a line end in the path", { ...next, path: "/a\r\nX: y" }],
  ["a path without a slash", { ...next, path: "next" }],
  ["a line end in a header name", { ...next, headers: { "A\r\nB": "c" } }],
  ["a length of the caller's own", { ...next, headers: { "content-length": "1" } }],
] as const;

for (const [name, request] of unsafe) {
  test(`refuses ${name}`, () => {
    assert.is(
      codeOf(() => requestPieces(request, parseAuthority("a:1"))),
      "UNSAFE_REQUEST",
    );
  });
}

const bodies = [
  ["ASCII", "abc", 3, 1],
  ["nothing", "", 0, 1],
  ["more than ASCII", "müde 😀", 10, 2],
  ["more than is joined", "a".repeat(100_000), 100_000, 2],
  ["bytes", Buffer.from("abc"), 3, 2],
] as const;

for (const [name, body, length, count] of bodies) {
  test(`sends a body of ${name} with its length in bytes`, () => {
    const pieces = requestPieces({ method: "POST", path: "/", body }, parseAuthority("a:1"));
    assert.is(pieces.length, count);
    const [head, sent] = Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
      .toString()
      .split("\r\n\r\n");
    assert.match(head ?? "", `\r\nContent-Length: ${length}`);
    assert.is(sent, body.toString());
  });
}

test("takes nothing from Node's pool of buffers, whose pieces outlive an invocation", () => {
  const [, sent] = requestPieces({ method: "POST", path: "/", body: "müde" }, parseAuthority("a:1"));
  assert.is(typeof sent === "object" && sent.buffer.byteLength, "müde".length + 1);
});

/** The code that something throws, or that it does not. */
function codeOf(work: () => unknown): string {
  try {
    work();
    return "fulfilled";
  } catch (error) {
    if (error instanceof HttpError) return error.code;
    throw error;
  }
}

test.run();
