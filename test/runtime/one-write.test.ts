import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { plain } from "../platform/raw-server.ts";
import { headersOf } from "./bootstrap-process.ts";
import type { Peer } from "./peer.ts";
import { accepted, deliver, type PeerProcess, peerProcess } from "./peer-process.ts";

const test = suite("bootstrap, answering and asking in one write,");
const next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1";
const count = { op: "count" };

test("sends the next next behind a response and behind an error, before it has an answer", async () => {
  await using runtime = await started();
  const peer = await runtime.peer();
  await deliver(peer, "a", count);
  assert.match((await peer.request()).line, "/a/response ");
  assert.is((await peer.request()).line, next);
  peer.write(accepted + event("b", { op: "throw" }));
  assert.match((await peer.request()).line, "/b/error ");
  assert.is((await peer.request()).line, next);
  peer.write(accepted);
  peer.write(event("c", count));
  assert.is((await peer.request()).body.toString(), "2");
  assert.is(runtime.server.connections, 1);
});

for (const [name, env] of [
  ["by itself", {}],
  ["for several invocations at once", { BOOTLACE_ONE_WRITE: "1", AWS_LAMBDA_MAX_CONCURRENCY: "2" }],
] as const) {
  test(`is not done ${name}`, async () => {
    await using runtime = await peerProcess({ task: "process", env });
    const peer = await runtime.peer();
    await deliver(peer, "a", count);
    await peer.request();
    peer.write(plain(500, "the end"));
    assert.is(await runtime.exit(), 1);
    assert.match(await nothingMore(peer), /^The client closed after ""/);
  });
}

test("is not done behind a response that a server may refuse with the connection", async () => {
  await using runtime = await started();
  const peer = await runtime.peer();
  await deliver(peer, "a", { op: "big", bytes: 7_000_000 });
  await peer.request();
  peer.write(plain(500, "the end"));
  assert.is(await runtime.exit(), 1);
  assert.match(await nothingMore(peer), /^The client closed after ""/);
});

test("is not done when the process is about to end", async () => {
  await using runtime = await started();
  const peer = await runtime.peer();
  await deliver(peer, "a", { op: "uncaught" });
  assert.match((await peer.request()).line, "/a/error ");
  peer.write(accepted);
  assert.is(await runtime.exit(), 129);
  assert.match(await nothingMore(peer), /^The client closed after ""/);
});

const losses: readonly (readonly [string, (peer: Peer) => void, boolean])[] = [
  ["closes after the response", (peer) => peer.socket.destroy(), true],
  ["resets after the response", (peer) => peer.reset(), true],
  ["closes in the middle of its answer", (peer) => peer.socket.end("HTTP/1.1 202 X\r\nContent-Le"), true],
  ["resets between the two answers", (peer) => peer.socket.write(accepted, () => peer.reset()), false],
  ["says that it closes", (peer) => peer.write(plain(202, "", "Connection: close\r\n")), false],
  ["refuses with 413 and closes", (peer) => peer.socket.end(plain(413, "", "Connection: close\r\n")), false],
  ["cuts the event", (peer) => peer.socket.end(accepted + event("b", count).slice(0, -1)), false],
  ["cuts the headers of the event", (peer) => peer.socket.end(`${accepted}HTTP/1.1 200`), false],
];

for (const [name, act, inDoubt] of losses) {
  test(`asks again when the server ${name}; nothing is sent twice, nothing runs twice`, async () => {
    await using runtime = await started();
    const peer = await runtime.peer();
    await deliver(peer, "a", count);
    await peer.request();
    await peer.request();
    act(peer);
    const second = await runtime.peer();
    assert.is((await second.request()).line, next);
    second.write(event("b", count));
    const { line, body } = await second.request();
    assert.match(line, "/b/response ");
    assert.is(body.toString(), "2");
    assert.is((await second.request()).line, next);
    assert.is(/response to invocation a may be lost/.test(runtime.output), inDoubt);
  });
}

for (const [name, env] of [
  ["in one write", { BOOTLACE_ONE_WRITE: "1" }],
  ["one after the other", {}],
] as const) {
  test(`fails, and does not run, an invocation that comes again because its response was lost, ${name}`, async () => {
    await using runtime = await peerProcess({ task: "process", env });
    const peer = await runtime.peer();
    const again = headersOf("a", "Lambda-Runtime-Invocation-Id: n1\r\n");
    await peer.request();
    peer.write(plain(200, JSON.stringify(count), again));
    await peer.request();
    peer.reset();
    const second = await runtime.peer();
    await second.request();
    second.write(plain(200, JSON.stringify(count), again));
    const { line, head, body } = await second.request();
    assert.match(line, "/a/error ");
    assert.match(head, "Lambda-Runtime-Invocation-Id: n1\r\n");
    assert.is(JSON.parse(body.toString()).errorType, "Runtime.ResponseLost");
    second.write(accepted);
    assert.is((await second.request()).line, next);
    second.write(event("b", count));
    assert.is((await second.request()).body.toString(), "2");
  });
}

for (const [name, invocationId, deadline] of [
  ["with another invocation id", "n2", 5],
  ["with another deadline", "n1", 9],
] as const) {
  test(`runs a later attempt under the same request id: one ${name}`, async () => {
    const attempt = (id: string, ms: number) =>
      plain(
        200,
        JSON.stringify(count),
        `Lambda-Runtime-Aws-Request-Id: a\r\nLambda-Runtime-Invocation-Id: ${id}\r\nLambda-Runtime-Deadline-Ms: ${ms}\r\n`,
      );
    await using runtime = await started();
    const peer = await runtime.peer();
    await peer.request();
    peer.write(attempt("n1", 5));
    await peer.request();
    peer.reset();
    const second = await runtime.peer();
    await second.request();
    second.write(attempt(invocationId, deadline));
    const { line, body } = await second.request();
    assert.match(line, "/a/response ");
    assert.is(body.toString(), "2");
  });
}

test("goes on after 413, on the same connection", async () => {
  await using runtime = await started();
  const peer = await runtime.peer();
  await deliver(peer, "a", count);
  await peer.request();
  await peer.request();
  peer.write(plain(413, "{}") + event("b", count));
  assert.match((await peer.request()).line, "/b/response ");
  assert.is(runtime.server.connections, 1);
});

test("ends after 500, and does not run what may have come behind it", async () => {
  await using runtime = await started();
  const peer = await runtime.peer();
  await deliver(peer, "a", count);
  await peer.request();
  await peer.request();
  peer.write(plain(500, "broken") + event("b", { op: "log" }));
  assert.is(await runtime.exit(), 1);
  assert.not.match(runtime.output, "three: 3");
});

test("ends when the API is gone", async () => {
  await using runtime = await started();
  const peer = await runtime.peer();
  await deliver(peer, "a", count);
  await peer.request();
  await runtime.server[Symbol.asyncDispose]();
  assert.is(await runtime.exit(), 1);
  assert.match(runtime.output, "Cannot connect to");
});

function started(): Promise<PeerProcess> {
  return peerProcess({ task: "process", env: { BOOTLACE_ONE_WRITE: "1" } });
}

function event(requestId: string, body: object): string {
  return plain(200, JSON.stringify(body), headersOf(requestId));
}

function nothingMore(peer: Peer): Promise<string> {
  return peer.request().then(
    ({ line }) => line,
    (error: Error) => error.message,
  );
}

test.run();
