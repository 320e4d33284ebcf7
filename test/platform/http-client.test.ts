import { once } from "node:events";
import * as assert from "uvu/assert";
import { errorCode } from "../../src/platform/error-code.ts";
import { HttpClient } from "../../src/platform/http-client.ts";
import { HttpError } from "../../src/platform/http-error.ts";
import { suite } from "../helpers/suite.ts";
import { goodSamples, malformedSamples } from "./http-samples.ts";
import { plain, rawServer } from "./raw-server.ts";
import { transports } from "./transports.ts";

const next = { method: "GET", path: "/next" } as const;
const post = { method: "POST", path: "/post", body: Buffer.from("{}") } as const;

const halves = [
  ["nothing", "", "CONNECTION_LOST", "CONNECTION_LOST"],
  ["half of the first response", "HTTP/1.1 202 ", "RESPONSE_CUT_SHORT", "CONNECTION_LOST"],
  ["the first response", plain(202, ""), "fulfilled", "CONNECTION_LOST"],
  ["the first response, which closes", plain(202, "", "Connection: close\r\n"), "fulfilled", "CONNECTION_LOST"],
  ["one response and a half", `${plain(202, "")}HTTP/1.1 200 `, "fulfilled", "RESPONSE_CUT_SHORT"],
] as const;

for (const [transport, open] of transports) {
  const test = suite(`HttpClient over ${transport}`);
  for (const sample of goodSamples) {
    test(`reads ${sample.name} from a socket, cut anywhere`, async () => {
      let cut = 0;
      await using server = await rawServer(({ socket }) => {
        socket.write(sample.wire.slice(0, cut), "latin1", () => {
          socket.write(sample.wire.slice(cut), "latin1");
          if (sample.untilClose) socket.end();
        });
      });
      using client = new HttpClient(server.authority, { open });
      for (; cut <= sample.wire.length; cut += 1) {
        const { status, body } = await client.request(next);
        assert.is(status, sample.status);
        assert.is(body.toString("latin1"), sample.body);
      }
    });
  }

  for (const [name, code, wire] of malformedSamples) {
    test(`refuses ${name} and closes`, async () => {
      await using server = await rawServer(({ socket }) => socket.write(wire, "latin1"));
      using client = new HttpClient(server.authority, { open });
      assert.is(await codeOf(client.request(next)), code);
      await closed(server.sockets[0]);
    });
  }

  test("keeps one connection for many requests", async () => {
    await using server = await rawServer(({ socket }) => socket.write(plain(200, "x")));
    using client = new HttpClient(server.authority, { open });
    for (let i = 0; i < 50; i += 1) await client.request(i % 2 === 0 ? next : post);
    assert.is(server.sockets.length, 1);
  });

  test("writes exactly the request and nothing else", async () => {
    await using server = await rawServer(({ socket }) => socket.write(plain(202, "")));
    using client = new HttpClient(server.authority, { open });
    await client.request({ ...post, headers: { "X-One": "1" } });
    assert.is(
      server.requests[0]?.head,
      `POST /post HTTP/1.1\r\nHost: ${server.authority}\r\nX-One: 1\r\nContent-Length: 2`,
    );
  });

  test("sends a large body whole", async () => {
    await using server = await rawServer(({ socket }) => socket.write(plain(202, "")));
    using client = new HttpClient(server.authority, { open });
    const body = Buffer.alloc(7_000_000, "ab");
    await client.request({ method: "POST", path: "/", body });
    assert.ok(server.requests[0]?.body.equals(body));
  });

  test("cuts off a server that sends bytes while idle, and the next request is not affected", async () => {
    await using server = await rawServer(({ socket, connection }) => socket.write(plain(200, `from ${connection}`)));
    const faults: string[] = [];
    const fault = Promise.withResolvers<void>();
    using client = new HttpClient(server.authority, {
      open,
      onFault: ({ code }) => {
        faults.push(code);
        fault.resolve();
      },
    });
    await client.request(next);
    server.sockets[0]?.write(plain(200, "poison"));
    await fault.promise;
    assert.is((await client.request(next)).body.toString(), "from 2");
    assert.equal(faults, ["UNREQUESTED_BYTES"]);
  });

  test("cuts off a server that appends a second response to the first", async () => {
    await using server = await rawServer(({ socket, connection }) =>
      socket.write(plain(200, `from ${connection}`) + plain(200, "poison")),
    );
    using client = new HttpClient(server.authority, { open });
    assert.is((await client.request(next)).body.toString(), "from 1");
    assert.is((await client.request(next)).body.toString(), "from 2");
  });

  test("connects again after Connection: close", async () => {
    await using server = await rawServer(({ socket }) => socket.write(plain(200, "x", "Connection: Close\r\n")));
    using client = new HttpClient(server.authority, { open });
    await client.request(next);
    await client.request(post);
    assert.equal(
      server.requests.map((request) => request.connection),
      [1, 2],
    );
  });

  test("asks a GET again, once, when the idle connection was closed under it", async () => {
    await using server = await rawServer(({ socket, connection, line }) => {
      if (connection === 1 && line.includes("next")) socket.destroy();
      else socket.write(plain(200, `from ${connection}`));
    });
    using client = new HttpClient(server.authority, { open });
    await client.request(post);
    assert.is((await client.request(next)).body.toString(), "from 2");
  });

  test("does not ask a GET a third time", async () => {
    await using server = await rawServer(({ socket, line }) => {
      if (line.includes("next")) socket.destroy();
      else socket.write(plain(200, ""));
    });
    using client = new HttpClient(server.authority, { open });
    await client.request(post);
    assert.is(await codeOf(client.request(next)), "CONNECTION_LOST");
    assert.is(server.requests.length, 3);
  });

  test("never sends a POST again", async () => {
    await using server = await rawServer(({ socket, line }) => {
      if (line.includes("post")) socket.destroy();
      else socket.write(plain(200, ""));
    });
    using client = new HttpClient(server.authority, { open });
    await client.request(next);
    assert.is(await codeOf(client.request(post)), "CONNECTION_LOST");
    assert.is(server.requests.length, 2);
  });

  test("does not ask again after a part of the response", async () => {
    await using server = await rawServer(({ socket, connection, line }) => {
      if (line.includes("post")) socket.write(plain(200, ""));
      else socket.end(connection === 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf" : plain(200, ""));
    });
    using client = new HttpClient(server.authority, { open });
    await client.request(post);
    assert.is(await codeOf(client.request(next)), "RESPONSE_CUT_SHORT");
    assert.is(server.requests.length, 2);
  });

  test("takes an early response to a body that the server does not read", async () => {
    await using server = await rawServer(() => {});
    using client = new HttpClient(server.authority, { open });
    const answer = client.request({ method: "POST", path: "/", body: Buffer.alloc(64_000_000) });
    const socket = await server.connected;
    socket.pause();
    socket.write(plain(413, "too large"));
    assert.is((await answer).status, 413);
    await closed(server.sockets[0]);
  });

  test("refuses a second request while one is outstanding", async () => {
    await using server = await rawServer(() => {});
    using client = new HttpClient(server.authority, { open });
    const outstanding = codeOf(client.request(next));
    assert.is(await codeOf(client.request(next)), "BUSY");
    client.close();
    assert.is(await outstanding, "CONNECTION_LOST");
    assert.is(await codeOf(client.request(next)), "CLOSED");
  });

  test("sends two requests at once and tells their responses apart", async () => {
    await using server = await rawServer(({ socket, line }) => {
      if (line.includes("next")) socket.write(plain(202, "first") + plain(200, "second"));
    });
    using client = new HttpClient(server.authority, { open });
    const [first, second] = client.requestBoth(post, next);
    assert.is(await codeOf(client.request(next)), "BUSY");
    assert.is((await first).body.toString(), "first");
    assert.is((await second).body.toString(), "second");
    await Promise.all(client.requestBoth(post, next));
    assert.is(server.sockets.length, 1);
  });

  for (const [name, bytes, one, two] of halves) {
    test(`says what was lost of two requests when the server ends after ${name}`, async () => {
      await using server = await rawServer(({ socket, line }) => {
        if (line.includes("next")) socket.end(bytes);
      });
      using client = new HttpClient(server.authority, { open });
      assert.equal(await Promise.all(client.requestBoth(post, next).map(codeOf)), [one, two]);
      assert.is(server.requests.length, 2);
    });
  }

  test("says that nobody listens", async () => {
    const gone = await rawServer(() => {});
    const { authority } = gone;
    await gone[Symbol.asyncDispose]();
    using client = new HttpClient(authority, { open });
    client.connect();
    const error: unknown = await client.request(next).catch((thrown) => thrown);
    assert.ok(error instanceof HttpError && error.cause instanceof Error);
    assert.is(error.code, "CONNECT_FAILED");
    assert.is(error.message, `Cannot connect to "${authority}": connect ECONNREFUSED ${authority}`);
    assert.is(errorCode(error.cause), "ECONNREFUSED");
  });

  test.run();
}

const test = suite("HttpClient");
test("reaches a host name and an IPv6 address", async () => {
  await using named = await rawServer(({ socket }) => socket.write(plain(200, "named")), "localhost");
  using byName = new HttpClient(`localhost:${named.port}`);
  assert.is((await byName.request(next)).body.toString(), "named");
  await using six = await rawServer(({ socket }) => socket.write(plain(200, "six")), "::1");
  using bySix = new HttpClient(`[::1]:${six.port}`);
  assert.is((await bySix.request(next)).body.toString(), "six");
});

/** The code that something is rejected with, or that it is not. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "fulfilled";
  } catch (error) {
    if (error instanceof HttpError) return error.code;
    throw error;
  }
}

async function closed(socket: import("node:net").Socket | undefined): Promise<void> {
  if (socket === undefined) throw new Error("There was no connection");
  socket.resume();
  if (!socket.destroyed) await once(socket, "close");
}

test.run();
