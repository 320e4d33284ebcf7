/** What clients do to the environment's API below HTTP: pipelining, old versions, broken bytes, and leaving at any point. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { exchange, rawClient, request } from "./raw-client.ts";
import { staged } from "./staged-environment.ts";

const test = suite("the environment's connections:");

const next = request("GET /2018-06-01/runtime/invocation/next");
const ping = request("GET /2018-06-01/ping");
const accepted = '202 {"status":"OK"}\n';

function response(id: string, body = '"ok"', headers = {}): Buffer {
  return request(`POST /2018-06-01/runtime/invocation/${id}/response`, headers, body);
}

function said(result: { readonly payload: Uint8Array }): string {
  return Buffer.from(result.payload).toString();
}

test("a next behind a response in one write never overtakes it", async () => {
  await using stage = await staged();
  using client = await rawClient(stage.api);
  const results: string[] = [];
  client.write(next);
  for (let n = 1; n <= 50; n++) {
    const result = stage.invoke(`r-${n}`);
    assert.is((await client.response())?.status, 200);
    client.write(Buffer.concat([response(`r-${n}`, `"${n}"`), next]));
    assert.is(await client.answer(), accepted);
    results.push(said(await result));
    await stage.environment.available();
  }
  assert.equal(
    results,
    Array.from({ length: 50 }, (_, n) => `"${n + 1}"`),
  );
});

test("ten requests in one write are answered in their order", async () => {
  await using stage = await staged();
  using client = await rawClient(stage.api);
  const wrong = request("GET /nothing");
  client.write(Buffer.concat([ping, wrong, ping, response("r-9"), ping, wrong, ping, ping, ping, wrong]));
  const statuses = [];
  for (let n = 0; n < 10; n++) statuses.push((await client.response())?.status);
  assert.equal(statuses, [200, 404, 200, 400, 200, 404, 200, 200, 200, 404]);
});

test("a request that arrives byte by byte is one request", async () => {
  await using stage = await staged();
  using client = await rawClient(stage.api);
  for (const byte of ping) client.write(Buffer.from([byte]));
  assert.is(await client.answer(), "200 pong");
});

test("an HTTP/1.0 client is answered and told that the connection ends", async () => {
  await using stage = await staged();
  using client = await rawClient(stage.api);
  const answer = await client.write("GET /2018-06-01/ping HTTP/1.0\r\n\r\n").response();
  assert.is(answer?.body.toString(), "pong");
  assert.ok(answer?.lines.includes("Connection: close"));
  await client.closed();
});

test("a client that asks for the end of the connection gets it", async () => {
  await using stage = await staged();
  using client = await rawClient(stage.api);
  const answer = await client.write(request("GET /2018-06-01/ping", { Connection: "close" })).response();
  assert.ok(answer?.lines.includes("Connection: close"));
  await client.closed();
});

test("Expect: 100-continue is answered before the body is sent", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  using client = await rawClient(stage.api);
  const [head = "", body = ""] = response("r-1", '"late"', { Expect: "100-continue" })
    .toString()
    .split(/(?<=\r\n\r\n)/);
  assert.is((await client.write(head).response())?.status, 100);
  assert.is(await client.write(body).answer(), accepted);
  assert.is(said(await result), '"late"');
});

test("header names mean the same in any case", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const head = "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nhOST: a\r\n";
  const odd =
    "lAMBDA-rUNTIME-fUNCTION-rESPONSE-mODE: streaming\r\ntRANSFER-eNCODING: chunked\r\ncONTENT-tYPE: text/odd\r\n\r\n";
  assert.is((await exchange(stage.api, `${head}${odd}2\r\n"a\r\n1\r\n"\r\n0\r\n\r\n`)).status, 202);
  const { payload, contentType } = await result;
  assert.equal([said({ payload }), contentType], ['"a"', "text/odd"]);
});

test("a chunked body is put together", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const head =
    "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const body = '3;ext=1\r\n"a\\\r\n2\r\nnb\r\n1\r\n"\r\n0\r\nTrailer: x\r\n\r\n';
  assert.is((await exchange(stage.api, head + body)).status, 202);
  assert.is(said(await result), '"a\\nb"');
});

const cut = [
  ["with a length", "Content-Length: 100\r\n\r\n0123456789"],
  ["in chunks", "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n"],
  ["inside a chunk", "Transfer-Encoding: chunked\r\n\r\nff\r\n0123456789"],
  ["before its first byte", "Content-Length: 100\r\n\r\n"],
] as const;
for (const [where, rest] of cut) {
  test(`a response ${where} that is cut off fails its invocation, and the runtime may go on`, async () => {
    await using stage = await staged();
    const result = stage.invoke("r-1");
    await exchange(stage.api, next);
    const client = await rawClient(stage.api);
    client.write(`POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nHost: a\r\n${rest}`);
    client.socket.end();
    const { payload, functionError } = await result;
    assert.is(functionError, "Unhandled");
    assert.is(said({ payload }), '{"errorType":"Runtime.TruncatedResponse","errorMessage":""}');
    using again = await rawClient(stage.api);
    again.write(next);
    await stage.environment.available();
  });
}

test("a response counts when the runtime hangs up behind its last byte", async () => {
  await using stage = await staged();
  for (const bytes of [4, 100_000, 6_000_000]) {
    const result = stage.invoke(`r-${bytes}`);
    await exchange(stage.api, next);
    const client = await rawClient(stage.api);
    client.socket.end(response(`r-${bytes}`, "a".repeat(bytes)));
    assert.is((await result).payload.length, bytes);
    await client.closed();
    using again = await rawClient(stage.api);
    again.write(next);
    await stage.environment.available();
  }
});

test("a runtime that leaves while it waits is handed nothing, and the next one gets the event", async () => {
  await using stage = await staged();
  void stage.environment.init();
  const gone = await rawClient(stage.api);
  gone.write(next);
  await stage.until(() => stage.environment.state.phase.at === "idle");
  gone.socket.destroy();
  await stage.until(() => waiting(stage.environment.state.runtime) === 0);
  const result = stage.invoke("r-1");
  await stage.serve("r-1");
  assert.is(said(await result), '"done"');
});

test("a runtime that only closes its sending side while it waits has left", async () => {
  await using stage = await staged();
  void stage.environment.init();
  const gone = await rawClient(stage.api);
  gone.write(next);
  await stage.until(() => stage.environment.state.phase.at === "idle");
  gone.socket.end();
  await stage.until(() => waiting(stage.environment.state.runtime) === 0);
});

test("a next behind a response of a client that is gone by then is not a runtime that waits", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const client = await rawClient(stage.api);
  client.socket.end(Buffer.concat([response("r-1"), next]));
  await result;
  await client.closed();
  // The answer to another client shows that everything before it has been handled.
  assert.is((await exchange(stage.api, ping)).status, 200);
  await stage.until(() => waiting(stage.environment.state.runtime) === 0);
});

test("a next behind a next of a client that has left is not a runtime that waits", async () => {
  await using stage = await staged();
  void stage.environment.init();
  const client = await rawClient(stage.api);
  client.write(Buffer.concat([next, next]));
  await stage.until(() => stage.environment.state.phase.at === "idle");
  client.socket.destroy();
  await stage.until(() => waiting(stage.environment.state.runtime) === 0);
  for (let times = 0; times < 3; times++) await exchange(stage.api, ping);
  assert.is(waiting(stage.environment.state.runtime), 0);
});

test("an extension that leaves while it waits is told at its next next", async () => {
  await using stage = await staged({ extensions: ["a.sh"] });
  void stage.environment.init();
  const register = request(
    "POST /2020-01-01/extension/register",
    { "Lambda-Extension-Name": "a.sh" },
    '{"events":["INVOKE"]}',
  );
  const { lines } = await exchange(stage.api, register);
  const header = { "Lambda-Extension-Identifier": lines[1]?.split(": ")[1] ?? "" };
  const gone = await rawClient(stage.api);
  gone.write(request("GET /2020-01-01/extension/event/next", header));
  await stage.until(() => stage.environment.state.extensions["a.sh"]?.at === "ready");
  gone.socket.destroy();
  await stage.until(() => stage.environment.state.extensions["a.sh"]?.at === "away");
  const result = stage.invoke("r-1");
  await stage.serve("r-1");
  await result;
  const event = await exchange(stage.api, request("GET /2020-01-01/extension/event/next", header));
  assert.is(JSON.parse(event.body.toString()).requestId, "r-1");
});

test("a client that leaves before it reads its event can ask for it again", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1", { event: Buffer.alloc(6_000_000, "1") });
  const client = await rawClient(stage.api);
  client.socket.pause();
  client.write(next);
  await stage.until(() => stage.environment.state.invocations["r-1"]?.at === "delivered");
  client.socket.destroy();
  assert.is((await exchange(stage.api, next)).body.length, 6_000_000);
  await exchange(stage.api, response("r-1"));
  assert.is(said(await result), '"ok"');
});

const broken = [
  ["a line that is no request", "hello\r\n\r\n", 400],
  ["a TLS hello", Buffer.from("16030100a5010000a10303", "hex"), 400],
  ["no Host", "GET /2018-06-01/ping HTTP/1.1\r\n\r\n", 400],
  ["a length that is no number", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n", 400],
  ["two lengths", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
  [
    "a length and chunks",
    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
  ],
  ["a blank in a header's name", "GET /2018-06-01/ping HTTP/1.1\r\nHost : a\r\n\r\n", 400],
  ["a NUL in a header", "GET /2018-06-01/ping HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400],
  ["bare line feeds", "GET /2018-06-01/ping HTTP/1.1\nHost: a\n\n", 400],
  ["a chunk size that is no number", "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400],
  ["HTTP/3.0", "GET /2018-06-01/ping HTTP/3.0\r\nHost: a\r\n\r\n", 400],
  ["three megabytes of header", `GET /2018-06-01/ping HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(3_000_000)}\r\n\r\n`, 431],
] as const;
for (const [what, bytes, status] of broken) {
  test(`${what} is answered with ${status}, the connection ends, and others are served`, async () => {
    await using stage = await staged();
    using client = await rawClient(stage.api);
    const answer = await client.write(bytes).response();
    // A client that still sends when it is refused may see its connection reset before it reads why.
    assert.ok(answer === undefined ? status === 431 : answer.status === status, String(answer?.status));
    await client.closed();
    assert.is((await exchange(stage.api, ping)).status, 200);
  });
}

test("a header of a mebibyte, as an X-Ray cause may be, is read", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const cause = { "Lambda-Runtime-Function-XRay-Error-Cause": "a".repeat(1_048_576) };
  const bytes = request("POST /2018-06-01/runtime/invocation/r-1/error", cause, '{"errorType":"A"}');
  assert.is((await exchange(stage.api, bytes)).status, 202);
  assert.is(said(await result), '{"errorType":"A"}');
});

test("garbage behind a next that waits ends that next, and not the environment", async () => {
  await using stage = await staged();
  void stage.environment.init();
  using client = await rawClient(stage.api);
  client.write(next);
  await stage.until(() => stage.environment.state.phase.at === "idle");
  client.write("garbage\r\n\r\n");
  await client.closed();
  await stage.until(() => waiting(stage.environment.state.runtime) === 0);
  const result = stage.invoke("r-1");
  await stage.serve("r-1");
  assert.is(said(await result), '"done"');
});

test("a next with a body waits as any other, and is missed when it leaves", async () => {
  await using stage = await staged();
  void stage.environment.init();
  for (const before of ["", ping.toString()]) {
    const client = await rawClient(stage.api);
    const body = "x".repeat(500_000);
    client.write(before + request("GET /2018-06-01/runtime/invocation/next", {}, body).toString());
    await stage.until(() => waiting(stage.environment.state.runtime) === 1);
    client.socket.destroy();
    await stage.until(() => waiting(stage.environment.state.runtime) === 0);
  }
});

test("an exit that follows a response of six megabytes comes after it", async () => {
  await using stage = await staged();
  const result = stage.invoke("r-1");
  await exchange(stage.api, next);
  const client = await rawClient(stage.api);
  client.socket.end(response("r-1", "a".repeat(6_000_000)));
  await new Promise<void>((resolve) => client.socket.once("finish", resolve));
  stage.exit("runtime", { how: "code", code: 1 });
  assert.is((await result).payload.length, 6_000_000);
});

test("an invocation with a field that could end a header is refused before anything happens", async () => {
  await using stage = await staged();
  for (const fields of [
    { traceId: "a\r\nX: y" },
    { tenantId: "ä" },
    { clientContext: "{}\n" },
    { invocationId: "\0" },
  ]) {
    const outcome = await stage.invoke("r-1", fields).then(String, (error: Error) => error.message);
    assert.match(outcome, /has characters that no header can carry$/);
  }
  const outcome = await stage.invoke("r/1").then(String, (error: Error) => error.message);
  assert.is(outcome, 'Cannot invoke: the request id "r/1" cannot stand in a path');
  assert.is(stage.environment.state.phase.at, "cold");
});

function waiting(runtime: { readonly at: string; readonly nextCalls?: readonly number[] }): number {
  return runtime.nextCalls?.length ?? 0;
}

test.run();
