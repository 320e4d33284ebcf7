/** The proxy on real sockets: bytes pass as they are, whatever becomes of the recording. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { Recording, type RecordingOptions } from "../../../src/extension/recording/recording.ts";
import { parseWireTranscript } from "../../../src/protocol/schema/wire-transcript.ts";
import type { WireTranscriptExchange } from "../../../src/protocol/wire-transcript.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("a recording");
const root = mkdtempSync(join(tmpdir(), "bootlace-recording-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

/** A peer of one connection: what the other side sent so far, and a way to wait for more. */
class Peer {
  heard = Buffer.alloc(0);
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.heard = Buffer.concat([this.heard, bytes]);
    });
  }

  async until(length: number): Promise<string> {
    while (this.heard.length < length) await once(this.socket, "data");
    return this.heard.toString("latin1");
  }
}

async function stage(options: Partial<RecordingOptions> = {}) {
  const folder = mkdtempSync(join(root, "stage-"));
  const service = createServer({ allowHalfOpen: true });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  const address = service.address();
  const runtimeApi = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const sentences: string[] = [];
  const file = join(folder, "wire.jsonl");
  const addressFile = join(folder, "address");
  const recording = await Recording.open({
    ...{ runtimeApi, file, addressFile, fileBytesMax: 100_000, bodyBytesMax: 100 },
    failed: (sentence) => sentences.push(sentence),
    ...options,
  });
  const port = Number(readFileSync(addressFile, "utf8").trim().split(":")[1]);
  const accepted = once(service, "connection");
  const client = new Peer(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
  const [socket] = await accepted;
  const server = new Peer(socket);
  return {
    ...{ recording, client, server, sentences, addressFile },
    exchanges: (): readonly WireTranscriptExchange[] => {
      recording.flush();
      return parseWireTranscript(readFileSync(file, "utf8")).flatMap((line) =>
        line.wire === "exchange" ? [line] : [],
      );
    },
    end: async () => {
      await recording[Symbol.asyncDispose]();
      client.socket.destroy();
      server.socket.destroy();
      service.close();
    },
  };
}

const response = [
  "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nhost:x\r\nTRANSFER-encoding: chunked\r\n",
  "Trailer: Lambda-Runtime-Function-Error-Type\r\n\r\n",
] as const;

test("passes every piece on at once, trailers too, and changes nothing", async () => {
  const { client, server, exchanges, end } = await stage();
  let sent = "";
  // Each piece arrives before the next is sent: nothing is held back.
  for (const piece of [
    ...response,
    "5;why=not\r\nhello\r\n",
    `96\r\n${"é".repeat(75)}\r\n`,
    "0\r\nLambda-Runtime-Function-Error-Type: Late\r\nX-Token: t\r\n\r\n",
  ]) {
    client.socket.write(piece);
    sent += Buffer.from(piece).toString("latin1");
    assert.is(await server.until(sent.length), sent);
  }
  const answer = 'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\nDate: now\r\n\r\n{"status": "OK"}';
  server.socket.write(answer);
  assert.is(await client.until(answer.length), answer);
  const [exchange, ...more] = exchanges();
  assert.equal(more, []);
  assert.equal(exchange?.request.head[0], "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1");
  // A cut inside a character leaves it out.
  assert.equal(exchange?.request.body, { bytes: 155, text: `hello${"é".repeat(47)}`, cut: true });
  assert.equal(exchange?.request.trailers, ["Lambda-Runtime-Function-Error-Type: Late", "X-Token: [redacted]"]);
  assert.equal(exchange?.answer?.body, { bytes: 16, text: '{"status": "OK"}' });
  assert.ok(Number(exchange?.answer?.at) >= Number(exchange?.sentAt));
  await end();
});

test("passes bytes that are no HTTP, and says so", async () => {
  const lines: string[] = [];
  const { client, server, recording, end } = await stage({ heard: (line) => lines.push(line) });
  client.socket.write("\0nonsense\r\n\r\n");
  assert.is(await server.until(13), "\0nonsense\r\n\r\n");
  recording.flush();
  assert.match(lines.at(-1) ?? "", '"wire":"fault"');
  await end();
});

test("tells of a call that is never answered", async () => {
  const { client, server, recording, exchanges, end, addressFile } = await stage();
  const next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
  client.socket.write(next);
  await server.until(next.length);
  assert.equal(exchanges(), []);
  recording.close();
  assert.is(exchanges()[0]?.lost, "the recording ended");
  assert.not.ok(existsSync(addressFile));
  await end();
});

test("writes an exchange as soon as it has passed", async () => {
  const written = Promise.withResolvers<void>();
  const heard = (line: string) => line.startsWith('{"wire":"exchange"') && written.resolve();
  const { client, server, end } = await stage({ heard });
  client.socket.write("GET /a HTTP/1.1\r\n\r\n");
  await server.until(19);
  server.socket.write("HTTP/1.1 204 No\r\n\r\n");
  await written.promise;
  await end();
});

test("lets a body that is no text be counted only", async () => {
  const { client, server, exchanges, end } = await stage();
  client.socket.write(Buffer.from("POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\n\xff\xfe\0", "latin1"));
  await server.until(42);
  server.socket.write("HTTP/1.1 204 No\r\n\r\n");
  await client.until(19);
  assert.equal(exchanges()[0]?.request.body, { bytes: 3 });
  await end();
});

test("goes on as a proxy where it cannot write any more, and says so once", async () => {
  const gone = mkdtempSync(join(root, "gone-"));
  const { client, server, recording, sentences, end } = await stage({ file: join(gone, "wire.jsonl") });
  rmSync(gone, { recursive: true });
  recording.event({ n: 1 });
  recording.event({ n: 2 });
  assert.is(sentences.length, 1);
  assert.match(sentences[0] ?? "", /^Recording has ended: ENOENT/);
  client.socket.write("GET /a HTTP/1.1\r\n\r\n");
  assert.is(await server.until(19), "GET /a HTTP/1.1\r\n\r\n");
  await end();
});

test("sends nobody to a proxy that there is not", async () => {
  const sentences: string[] = [];
  const addressFile = join(root, "taken");
  writeFileSync(addressFile, "127.0.0.1:1\n");
  writeFileSync(`${addressFile}.${process.pid}`, "");
  const options = { runtimeApi: "127.0.0.1:1", file: join(root, "t.jsonl"), fileBytesMax: 5_000, bodyBytesMax: 0 };
  const recording = await Recording.open({ ...options, addressFile, failed: (sentence) => sentences.push(sentence) });
  assert.match(sentences[0] ?? "", /^The runtime's calls are not recorded: EEXIST/);
  assert.not.ok(existsSync(addressFile));
  await recording[Symbol.asyncDispose]();
});

test.run();
