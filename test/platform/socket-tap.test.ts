import { once } from "node:events";
import { connect, createServer } from "node:net";
import { buffer } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { SocketTap, type TapOutlet, type Tapped } from "../../src/platform/socket-tap.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the socket tap");
const large = Buffer.alloc(3 * 1024 * 1024, "0123456789");

/** A server that sends back everything that it gets, and ends when its client does. */
async function echo(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server does not listen");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { address: `127.0.0.1:${address.port}`, [Symbol.asyncDispose]: close };
}

function portOf(tap: SocketTap): number {
  return Number(tap.address.split(":")[1]);
}

function bytesFrom(heard: readonly Tapped[], from: "client" | "server", connection: number): Buffer {
  return Buffer.concat(
    heard.flatMap((piece) =>
      piece.type === "bytes" && piece.from === from && piece.connection === connection ? [piece.bytes] : [],
    ),
  );
}

test("passes on every byte in both directions, and hears them by connection", async () => {
  await using server = await echo();
  const heard: Tapped[] = [];
  await using tap = await SocketTap.open({ target: () => server.address, heard: (piece) => heard.push(piece) });
  for (const sent of [large, Buffer.from("second")]) {
    const socket = connect({ port: portOf(tap), host: "127.0.0.1" });
    socket.end(sent);
    assert.ok(sent.equals(await buffer(socket)));
  }
  assert.ok(bytesFrom(heard, "client", 1).equals(large));
  assert.ok(bytesFrom(heard, "server", 1).equals(large));
  assert.is(bytesFrom(heard, "server", 2).toString(), "second");
});

test("reads nothing from clients while it is told not to, and all of it afterwards", async () => {
  await using server = await echo();
  const heard: Tapped[] = [];
  await using tap = await SocketTap.open({ target: () => server.address, heard: (piece) => heard.push(piece) });
  tap.read(false);
  const socket = connect({ port: portOf(tap), host: "127.0.0.1" });
  socket.end(large);
  // As long as it takes to get the same through the server without a tap between.
  const direct = connect({ port: Number(server.address.split(":")[1]), host: "127.0.0.1" });
  direct.end(large);
  assert.is((await buffer(direct)).length, large.length);
  assert.is(bytesFrom(heard, "client", 1).length, 0);
  tap.read(true);
  assert.ok(large.equals(await buffer(socket)));
});

test("changes what the server sends, where it is told to", async () => {
  await using server = await echo();
  const edit = (outlet: TapOutlet) => ({
    fromClient: () => {},
    fromServer: (bytes: Buffer) => outlet.send(Buffer.from(bytes.toString().toUpperCase())),
  });
  await using tap = await SocketTap.open({ target: () => server.address, heard: () => {}, edit });
  const socket = connect({ port: portOf(tap), host: "127.0.0.1" });
  socket.end("quiet");
  assert.is((await buffer(socket)).toString(), "QUIET");
});

test("sends nothing before what it waits for, and nothing after it has ended the connection", async () => {
  await using server = await echo();
  const ready = Promise.withResolvers<void>();
  const edit = (outlet: TapOutlet) => ({
    fromClient: () => {},
    fromServer: (bytes: Buffer) => {
      outlet.send(Buffer.from("first,"));
      outlet.hold(ready.promise);
      outlet.send(bytes);
      outlet.end();
      outlet.send(Buffer.from("never"));
    },
  });
  await using tap = await SocketTap.open({ target: () => server.address, heard: () => {}, edit });
  const socket = connect({ port: portOf(tap), host: "127.0.0.1" });
  socket.write("second");
  const [piece] = await once(socket, "data");
  assert.is(String(piece), "first,");
  ready.resolve();
  assert.is((await buffer(socket)).toString(), "second");
});

test("ends a client whose server is not there", async () => {
  await using tap = await SocketTap.open({ target: () => "127.0.0.1:1", heard: () => {} });
  const socket = connect({ port: portOf(tap), host: "127.0.0.1" });
  socket.on("error", () => {});
  await once(socket, "close");
});

test.run();
