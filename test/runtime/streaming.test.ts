import * as assert from "uvu/assert";
import { httpIntegrationContentType } from "../../src/protocol/headers.ts";
import { suite } from "../helpers/suite.ts";
import { plain } from "../platform/raw-server.ts";
import type { Peer } from "./peer.ts";
import { accepted, deliver, type PeerProcess, peerProcess } from "./peer-process.ts";

const test = suite("bootstrap, with a streaming function,");

test("sends what is written when it is written, in streaming mode, with its content type", async () => {
  await using runtime = await peerProcess({ task: "streaming" });
  const peer = await runtime.peer();
  await deliver(peer, "a", { op: "gaps" }, "Lambda-Runtime-Invocation-Id: n1\r\n");
  const { line, head } = await peer.request();
  assert.is(line, "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1");
  assert.match(head, "Lambda-Runtime-Function-Response-Mode: streaming\r\n");
  assert.match(head, "Transfer-Encoding: chunked\r\n");
  assert.match(head, "Content-Type: text/plain\r\n");
  assert.match(head, "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n");
  assert.match(head, "Lambda-Runtime-Invocation-Id: n1\r\n");
  for (const piece of ["one", "two", "three"]) {
    assert.is((await peer.chunk()).toString(), piece);
    await runtime.printed(new RegExp(`wrote ${piece}`));
    runtime.child.kill("SIGUSR2");
  }
  assert.equal(await peer.body(), { bytes: 3, text: "end", trailers: [] });
  peer.write(accepted);
  await deliver(peer, "b", { op: "empty" });
  assert.match((await peer.request()).line, "/b/response ");
  assert.is(runtime.server.connections, 1);
});

const bodies: readonly (readonly [op: string, contentType: string, body: string])[] = [
  [
    "http",
    httpIntegrationContentType,
    `{"statusCode":201,"headers":{"x-a":"\xc3\xa9"},"cookies":["a=1","b=2"]}${"\0".repeat(8)}body`,
  ],
  ["http without a body", httpIntegrationContentType, `{"statusCode":204}${"\0".repeat(8)}`],
  ["http from another package's copy", httpIntegrationContentType, `{"statusCode":200}${"\0".repeat(8)}ab`],
  ["empty", "application/octet-stream", ""],
  ["object", "application/octet-stream", '{"a":1}'],
  ["ends later", "application/octet-stream", "now later"],
  ["many small writes", "application/octet-stream", Array.from({ length: 1_000 }, (_, i) => `${i} `).join("")],
];

for (const [op, contentType, body] of bodies) {
  test(`streams the body of "${op}" and takes the next invocation`, async () => {
    await using runtime = await peerProcess({ task: "streaming" });
    const peer = await runtime.peer();
    const { head, received } = await streamed(peer, op);
    assert.match(head, `Content-Type: ${contentType}\r\n`);
    assert.is(received.text, body);
    assert.equal(received.trailers, []);
    await deliver(peer, "next", { op: "empty" });
  });
}

test("a function that follows promises sees none of an invocation's", async () => {
  await using runtime = await peerProcess({ task: "process", handler: "then.streaming" });
  const peer = await runtime.peer();
  const seen: string[] = [];
  for (const id of ["a", "b"]) {
    await deliver(peer, id, {});
    await peer.request();
    seen.push((await peer.body()).text);
    peer.write(accepted);
  }
  // Once for good, the streams are imported.
  assert.is(seen[1], seen[0]);
});

const early: readonly (readonly [op: string, handler: string, errorType: string, message: RegExp])[] = [
  ["fails before the first byte", "index.handler", "RangeError", /^too early$/],
  ["fails before the first byte, with a prelude", "index.handler", "RangeError", /^too early$/],
  ["sets a content type that HTTP forbids", "index.handler", "Runtime.InvalidStreamingOperation", /HTTP forbids/],
  ["destroys its stream", "index.handler", "RangeError", /^gone$/],
  ["never settles", "index.handler", "Runtime.NodeJsExit", /never settled/],
];

for (const [op, handler, errorType, message] of early) {
  test(`reports a function that ${op} as an error, once, and goes on`, async () => {
    await using runtime = await peerProcess({ task: "streaming", handler });
    const peer = await runtime.peer();
    await deliver(peer, "a", { op });
    const { line, head, body } = await peer.request();
    assert.is(line, "POST /2018-06-01/runtime/invocation/a/error HTTP/1.1");
    assert.match(head, `Lambda-Runtime-Function-Error-Type: ${errorType}\r\n`);
    assert.not.match(head, "Response-Mode");
    assert.match(JSON.parse(body.toString()).errorMessage, message);
    peer.write(accepted);
    await deliver(peer, "b", { op: "empty" });
    assert.match((await peer.request()).line, "/b/response ");
    assert.is(invokeErrors(runtime), 1);
  });
}

const late: readonly (readonly [op: string, handler: string, prefix: string, type: string, message: string])[] = [
  ["fails in mid-stream", "index.handler", "half", "TypeError", 'mid "stream" \u{1f600}\n'],
  [
    "sets the content type too late",
    "index.handler",
    "x",
    "Runtime.InvalidStreamingOperation",
    "Cannot set content-type, too late.",
  ],
  ["is not async", "index.synchronous", "x", "Error", "Streaming does not support non-async handlers."],
  ["never ends", "index.handler", "x", "Runtime.NodeJsExit", "Response stream is not finished."],
];

for (const [op, handler, prefix, type, message] of late) {
  test(`says in trailers that a function ${op}, once, and goes on`, async () => {
    await using runtime = await peerProcess({ task: "streaming", handler });
    const peer = await runtime.peer();
    const { received } = await streamed(peer, op);
    assert.is(received.text, prefix);
    const error = errorOf(received.trailers);
    assert.is(error.header, type);
    assert.is(error.body.errorType, type);
    assert.is(error.body.errorMessage, message);
    assert.ok(Array.isArray(error.body.stackTrace));
    await deliver(peer, "next", { op: "empty" });
    assert.is(invokeErrors(runtime), 1);
  });
}

test("logs what fails after the end, and lets the next invocation wait for it", async () => {
  await using runtime = await peerProcess({ task: "streaming" });
  const peer = await runtime.peer();
  const { received } = await streamed(peer, "fails after the end");
  assert.equal(received, { bytes: 3, text: "all", trailers: [] });
  await deliver(peer, "next", { op: "large", bytes: 1 });
  await peer.request();
  await peer.body();
  peer.write(accepted);
  // Both come through one pipe, in the order in which they were written.
  await runtime.printed(/max rss/);
  assert.match(runtime.output, /too late[\s\S]*max rss/);
});

test("says in trailers that the process breaks, and exits", async () => {
  await using runtime = await peerProcess({ task: "streaming" });
  const peer = await runtime.peer();
  const { received } = await streamed(peer, "crashes in mid-stream");
  assert.is(errorOf(received.trailers).body.errorMessage, "nothing is not defined");
  assert.is(await runtime.exit(), 129);
});

test(
  "streams 200 MiB in constant memory",
  async () => {
    await using runtime = await peerProcess({ task: "streaming" });
    const peer = await runtime.peer();
    await deliver(peer, "a", { op: "large", bytes: 65_536 });
    await peer.request();
    await peer.body();
    peer.write(accepted);
    const before = Number((await runtime.printed(/max rss (\d+)/))[1]);
    runtime.output = "";
    await deliver(peer, "b", { op: "large", bytes: 209_715_200 });
    await peer.request();
    assert.is((await peer.body()).bytes, 209_715_200);
    peer.write(accepted);
    const after = Number((await runtime.printed(/max rss (\d+)/))[1]);
    assert.ok(after - before < 60_000, `grew from ${before} to ${after} KiB`);
  },
  { timeoutMs: 60_000 },
);

const cuts: readonly (readonly [string, (peer: Peer) => void])[] = [
  ["resets", (peer) => peer.reset()],
  ["closes", (peer) => peer.socket.destroy()],
  ["answers 413 and closes", (peer) => peer.socket.end(plain(413, "{}"))],
  ["answers 410 and goes on", (peer) => peer.write(plain(410, "{}"))],
];

for (const [name, act] of cuts) {
  for (const op of ["large, until it is told that nobody reads", "writes, and listens to nothing"]) {
    test(`survives a server that ${name} in mid-stream: "${op}"`, async () => {
      await using runtime = await peerProcess({ task: "streaming" });
      const peer = await runtime.peer();
      await deliver(peer, "a", { op });
      await peer.request();
      await peer.chunk();
      act(peer);
      const second = await runtime.peer();
      await deliver(second, "b", { op: "empty" });
      assert.match((await second.request()).line, "/b/response ");
      await runtime.printed(/invocation a/);
      assert.not.match(runtime.output, "NodeJsExit");
    });
  }
}

test("lets the next invocation wait for what a function does after the end", async () => {
  await using runtime = await peerProcess({ task: "streaming" });
  const peer = await runtime.peer();
  await streamed(peer, "works after the end");
  assert.match((await peer.request()).line, "GET ");
  runtime.child.kill("SIGKILL");
  await runtime.exit();
  assert.match(runtime.output, "worked");
});

test("leaves a buffered function alone", async () => {
  await using runtime = await peerProcess({ task: "streaming", handler: "index.buffered" });
  const peer = await runtime.peer();
  await deliver(peer, "a", {});
  const { head, body } = await peer.request();
  assert.not.match(head, "Response-Mode");
  assert.is(body.toString(), '"function"');
});

for (const value of ["1", "true"]) {
  test(`installs no global when AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA is ${value}`, async () => {
    const env = { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: value };
    await using runtime = await peerProcess({ task: "streaming", handler: "without-global.handler", env });
    const peer = await runtime.peer();
    await deliver(peer, "a", {});
    assert.is((await peer.request()).body.toString(), '"undefined"');
  });
}

test("refuses a mark that it does not know", async () => {
  await using runtime = await peerProcess({ task: "streaming", handler: "index.malformed" });
  const peer = await runtime.peer();
  const { line, body } = await peer.request();
  assert.match(line, "/runtime/init/error ");
  assert.is(JSON.parse(body.toString()).errorType, "Runtime.MalformedStreamingHandler");
});

async function streamed(peer: Peer, op: string) {
  await deliver(peer, "a", { op });
  const { line, head } = await peer.request();
  assert.is(line, "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1");
  const received = await peer.body();
  peer.write(accepted);
  return { head, received };
}

function errorOf(trailers: readonly string[]) {
  const [, header = ""] = /^Lambda-Runtime-Function-Error-Type: (.*)$/m.exec(trailers.join("\n")) ?? [];
  const [, body = ""] = /^Lambda-Runtime-Function-Error-Body: (.*)$/m.exec(trailers.join("\n")) ?? [];
  return { header, body: JSON.parse(Buffer.from(body, "base64").toString()) };
}

function invokeErrors(runtime: PeerProcess): number {
  return runtime.output.split("Invoke Error").length - 1;
}

test.run();
