import * as assert from "uvu/assert";
import { HttpClient } from "../../src/platform/http-client.ts";
import { HttpError } from "../../src/platform/http-error.ts";
import type { OpenTcp } from "../../src/platform/tcp.ts";
import { suite } from "../helpers/suite.ts";
import { type Peer, PeerServer } from "../runtime/peer.ts";
import { plain } from "./raw-server.ts";
import { transports } from "./transports.ts";

const request = { method: "POST", path: "/up", headers: { "X-One": "1" }, trailers: ["X-Two", "X-Three"] } as const;

const ends: readonly (readonly [string, (peer: Peer) => void, string, string])[] = [
  ["answers early", (peer) => peer.write(plain(413, "too large")), "413", "REQUEST_CUT_SHORT"],
  ["resets", (peer) => peer.reset(), "CONNECTION_LOST", "CONNECTION_LOST"],
  ["sends nonsense", (peer) => peer.write("nonsense\r\n"), "BAD_STATUS_LINE", "BAD_STATUS_LINE"],
];

for (const [transport, open] of transports) {
  const test = suite(`HttpUpload over ${transport}`);
  test("sends head, chunks, trailers and nothing else, and leaves the connection to the next request", async () => {
    await using started = await start(open);
    const { client, server, authority } = started;
    const upload = client.upload(request);
    await upload.write(Buffer.from("first"));
    const peer = await server.peer();
    assert.is(
      await peer.until("\r\n\r\n"),
      `POST /up HTTP/1.1\r\nHost: ${authority}\r\nX-One: 1\r\nTrailer: X-Two, X-Three\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    assert.is(await peer.until("first\r\n"), "5\r\nfirst\r\n");
    await upload.write(Buffer.alloc(0));
    await upload.write(Buffer.alloc(300, "x"));
    await upload.end({ "X-Two": "2" });
    assert.is(await peer.until("\r\n\r\n"), `12c\r\n${"x".repeat(300)}\r\n0\r\nX-Two: 2\r\n\r\n`);
    peer.write(plain(202, "ok"));
    assert.is((await upload.response).status, 202);
    const next = client.request({ method: "GET", path: "/next" });
    await peer.until("\r\n\r\n");
    peer.write(plain(200, "still here"));
    assert.is((await next).body.toString(), "still here");
  });

  test("ends an empty body, and only once", async () => {
    await using started = await start(open);
    const upload = started.client.upload({ method: "POST", path: "/up" });
    await upload.end();
    await upload.end({ "X-Late": "1" });
    const peer = await started.server.peer();
    assert.match(await peer.until("0\r\n\r\n"), /Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n$/);
    peer.write(plain(202, ""));
    assert.is((await upload.response).status, 202);
  });

  test("waits for a server that does not read, and then goes on", async () => {
    await using started = await start(open);
    const upload = started.client.upload(request);
    const piece = Buffer.alloc(1_048_576);
    let settled = 0;
    const written = (async () => {
      for (; settled < 64; settled += 1) await upload.write(piece);
      await upload.end();
    })();
    const peer = await started.server.peer();
    await turns(200);
    assert.ok(settled < 32, `${settled} MiB were accepted though nobody read`);
    await peer.until("\r\n\r\n");
    assert.is((await peer.body()).bytes, 64 * 1_048_576);
    await written;
    peer.write(plain(202, ""));
    assert.is((await upload.response).status, 202);
  });

  for (const [name, act, answer, refusal] of ends) {
    test(`stops when the server ${name}, while writing and after it`, async () => {
      await using started = await start(open);
      const upload = started.client.upload(request);
      const piece = Buffer.alloc(1_048_576);
      const refused = codeOf(
        (async () => {
          for (;;) await upload.write(piece);
        })(),
      );
      const peer = await started.server.peer();
      await peer.until("\r\n\r\n");
      act(peer);
      assert.is(await codeOf(upload.response.then(({ status }) => Promise.reject(status))), answer);
      assert.is(await refused, refusal);
      assert.is(await codeOf(upload.write(piece)), refusal);
      await upload.end();
      const next = started.client.request({ method: "GET", path: "/next" });
      const second = await started.server.peer();
      await second.until("\r\n\r\n");
      second.write(plain(200, "second"));
      assert.is((await next).body.toString(), "second");
    });
  }

  test("does not reuse a connection on which the server answered before the end", async () => {
    await using started = await start(open);
    const upload = started.client.upload(request);
    await upload.write(Buffer.from("x"));
    const peer = await started.server.peer();
    await peer.until("x\r\n");
    peer.write(plain(200, "early"));
    assert.is((await upload.response).body.toString(), "early");
    assert.is(await codeOf(upload.write(Buffer.from("y"))), "REQUEST_CUT_SHORT");
    const next = started.client.request({ method: "GET", path: "/next" });
    const second = await started.server.peer();
    await second.until("\r\n\r\n");
    second.write(plain(200, "second"));
    assert.is((await next).body.toString(), "second");
  });

  test("is the one request that is outstanding", async () => {
    await using started = await start(open);
    const upload = started.client.upload(request);
    assert.is(await codeOf(started.client.request({ method: "GET", path: "/" })), "BUSY");
    assert.throws(() => started.client.upload(request), /another one is outstanding/);
    started.client.close();
    assert.is(await codeOf(upload.response), "CONNECTION_LOST");
  });

  for (const bad of [{ trailers: ["X\r\nY"] }, { trailers: ["Content-Length"] }, { headers: { Trailer: "X" } }]) {
    test(`refuses ${JSON.stringify(bad)}`, async () => {
      await using started = await start(open);
      assert.throws(
        () => started.client.upload({ method: "POST", path: "/", ...bad }),
        (error: unknown) => error instanceof HttpError && error.code === "UNSAFE_REQUEST",
      );
    });
  }

  test.run();
}

async function start(open: OpenTcp) {
  const server = new PeerServer();
  const authority = await server.listen();
  const client = new HttpClient(authority, { open });
  return {
    server,
    client,
    authority,
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "fulfilled";
  } catch (error) {
    return error instanceof HttpError ? error.code : String(error);
  }
}
