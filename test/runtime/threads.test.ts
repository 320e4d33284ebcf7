import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { threadCountOf } from "../../src/runtime/threads.ts";
import { suite } from "../helpers/suite.ts";
import { bundledFixture } from "./bundled-fixture.ts";
import type { Peer } from "./peer.ts";
import { accepted, deliver, type PeerProcess, peerProcess } from "./peer-process.ts";

const test = suite("bootstrap, on several threads,");
const fixture = await bundledFixture("life/index.ts");
test.after(() => fixture[Symbol.dispose]());

test("divides the invocations among them, and mixes neither ids nor lines", async () => {
  await using runtime = await started("3", "8");
  const peers = await waiting(runtime, 8);
  const file = join(fixture.taskRoot, "go");
  await Promise.all(
    peers.map((peer, i) =>
      deliver(
        peer,
        `id-${i}`,
        { op: "wait for", file },
        `Lambda-Runtime-Trace-Id: trace-${i}\r\nLambda-Runtime-Aws-Tenant-Id: t${i}\r\n`,
      ),
    ),
  );
  writeFileSync(file, "");
  for (const [i, peer] of peers.entries()) {
    const { line, body } = await peer.request();
    assert.match(line, `/id-${i}/response `);
    const { requestId, traceId, tenantId, store } = JSON.parse(body.toString());
    assert.equal(
      [requestId, traceId, tenantId, store],
      [`id-${i}`, `trace-${i}`, `t${i}`, [`id-${i}`, `trace-${i}`, `t${i}`]],
    );
    peer.write(accepted);
  }
  for (const peer of peers) assert.match((await peer.request()).line, "GET ");
  assert.is(runtime.server.connections, 8);
  const ids = runtime.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ requestId, message }) => `${requestId} ${message}`);
  assert.equal(
    ids.sort(),
    Array.from({ length: 8 }, (_, i) => `id-${i} waited`),
  );
});

test("keeps long lines whole", async () => {
  await using runtime = await started(
    "4",
    "4",
    "index.longLines",
    join(import.meta.dirname, "../fixtures/handlers/threads"),
  );
  const peers = await waiting(runtime, 4);
  await Promise.all(peers.map((peer, i) => deliver(peer, `id-${i}`, i)));
  for (const peer of peers) assert.match((await peer.request()).line, "/response ");
  const lines = runtime.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.is(lines.length, 4 * 20);
  for (const { requestId, message } of lines) assert.is(message, requestId.slice(-1).repeat(100_000));
});

test("replaces a thread in which the function crashed; the others go on", async () => {
  await using runtime = await started("2", "2");
  const [one, two] = await waiting(runtime, 2);
  await deliver(one as Peer, "crashes", { op: "crash" });
  await deliver(two as Peer, "lives", { op: "who am I" });
  const failed = await one?.request();
  assert.match(failed?.line ?? "", "/crashes/error ");
  assert.match((await two?.request())?.line ?? "", "/lives/response ");
  one?.write(accepted);
  two?.write(accepted);
  const [replaced] = await waiting(runtime, 1);
  await deliver(replaced as Peer, "again", { op: "who am I" });
  assert.match((await replaced?.request())?.line ?? "", "/again/response ");
});

test("answer for all invocations that a crash of one of them ends, since no process does", async () => {
  await using runtime = await started("1", "2");
  const [one, two] = await waiting(runtime, 2);
  await deliver(two as Peer, "beside", { op: "hang and say so" });
  await runtime.printed(/hangs/);
  await deliver(one as Peer, "crashes", { op: "crash" });
  assert.match((await one?.request())?.line ?? "", "/crashes/error ");
  const beside = await two?.request();
  assert.match(beside?.line ?? "", "/beside/error ");
  assert.match(beside?.body.toString() ?? "", /Runtime\.ExitError.*because of another one/);
});

test("say that no shutdown hook may run, and serve", async () => {
  await using runtime = await started("2", "2", "index.handler", fixture.taskRoot, { HOOKS: "shutdown" });
  await waiting(runtime, 2);
  await runtime.printed(/No shutdown hook may run: the function serves on several threads/);
});

test("ends as a whole when the function cannot be initialised", async () => {
  await using runtime = await started("2", "2", "absent.handler");
  const peer = await runtime.peer();
  const { line, body } = await peer.request();
  assert.match(line, "POST /2018-06-01/runtime/init/error ");
  assert.match(body.toString(), /Runtime\.ImportModuleError/);
  peer.write(accepted);
  await runtime.printed(/Cannot find module 'absent'/);
});

test("are as many as were asked for, where there is something to divide", () => {
  const complaints: string[] = [];
  const of = (count: string | undefined, concurrency: number) =>
    threadCountOf(count === undefined ? {} : { AWS_LAMBDA_NODEJS_WORKER_COUNT: count }, concurrency, (sentence) =>
      complaints.push(sentence),
    );
  assert.equal([of(undefined, 8), of("", 8), of("4", 8), of("16", 8), of("4", 1), of("0", 8)], [0, 0, 4, 8, 0, 0]);
  assert.equal(complaints, []);
  assert.is(of("many", 8), 0);
  assert.match(complaints.join(), /^Serves on one thread: AWS_LAMBDA_NODEJS_WORKER_COUNT is "many"/);
});

function started(
  threads: string,
  concurrency: string,
  handler = "index.handler",
  task = fixture.taskRoot,
  more: Readonly<Record<string, string>> = {},
): Promise<PeerProcess> {
  const env = {
    AWS_LAMBDA_MAX_CONCURRENCY: concurrency,
    AWS_LAMBDA_NODEJS_WORKER_COUNT: threads,
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    ...more,
  };
  return peerProcess({ task, handler, env });
}

async function waiting(runtime: PeerProcess, count: number): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (let i = 0; i < count; i += 1) peers.push(await runtime.peer());
  return peers;
}

test.run();
