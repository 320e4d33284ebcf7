import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { concurrencyOf } from "../../src/runtime/concurrency.ts";
import { suite } from "../helpers/suite.ts";
import { plain } from "../platform/raw-server.ts";
import { bundledFixture } from "./bundled-fixture.ts";
import type { Peer } from "./peer.ts";
import { accepted, deliver, type PeerProcess, peerProcess } from "./peer-process.ts";

const test = suite("bootstrap, on Managed Instances,");
const fixture = await bundledFixture("life/index.ts");
test.after(() => fixture[Symbol.dispose]());
const json = { AWS_LAMBDA_LOG_FORMAT: "JSON" };

test("has as many invocations in hand as it may, each on a connection of its own, and mixes nothing up", async () => {
  await using runtime = await started("8", json);
  const peers = await waiting(runtime, 8);
  const file = join(fixture.taskRoot, "go");
  await Promise.all(
    peers.map((peer, i) =>
      deliver(
        peer,
        `id-${i}`,
        i === 3 ? { op: "throw" } : { op: "wait for", file },
        `Lambda-Runtime-Trace-Id: trace-${i}\r\nLambda-Runtime-Invocation-Id: n${i}\r\nLambda-Runtime-Aws-Tenant-Id: t${i}\r\n`,
      ),
    ),
  );
  const failed = await peers[3]?.request();
  assert.match(failed?.line ?? "", "/id-3/error ");
  writeFileSync(file, "");
  for (const [i, peer] of peers.entries()) {
    if (i === 3) continue;
    const { line, head, body } = await peer.request();
    assert.match(line, `/id-${i}/response `);
    assert.match(head, `Lambda-Runtime-Invocation-Id: n${i}\r\n`);
    assert.equal(JSON.parse(body.toString()), {
      requestId: `id-${i}`,
      traceId: `trace-${i}`,
      tenantId: `t${i}`,
      store: [`id-${i}`, `trace-${i}`, `t${i}`],
      trace: null,
    });
  }
  for (const peer of peers) peer.write(accepted);
  for (const peer of peers) assert.match((await peer.request()).line, "GET ");
  assert.is(runtime.server.connections, 8);
  const lines = runtime.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const ids = (message: (value: unknown) => boolean) =>
    lines
      .filter((line) => message(line.message))
      .map(({ requestId, tenantId }) => `${requestId} ${tenantId}`)
      .sort();
  assert.equal(
    ids((message) => message === "waited"),
    [0, 1, 2, 4, 5, 6, 7].map((i) => `id-${i} t${i}`),
  );
  assert.equal(
    ids((message) => typeof message === "object"),
    ["id-3 t3"],
  );
});

for (const status of [410, 400]) {
  test(`takes the next invocation when its answer comes too late: ${status}`, async () => {
    await using runtime = await started("2", json);
    const [peer] = await waiting(runtime, 2);
    if (peer === undefined) throw new Error("There is no connection");
    await deliver(peer, "late", { op: "who am I" });
    await peer.request();
    peer.write(plain(status, "{}"));
    await deliver(peer, "next", { op: "who am I" });
    assert.match((await peer.request()).line, "/next/response ");
    assert.match(runtime.output, "invocation late");
  });
}

test("lets a callback answer at once, because an event loop with others in it is never empty", async () => {
  await using runtime = await started("2", json, "index.calls");
  const [peer] = await waiting(runtime, 2);
  if (peer === undefined) throw new Error("There is no connection");
  await deliver(peer, "a", {});
  assert.is((await peer.request()).body.toString(), '"a"');
});

test("blames the invocation that broke the process, and no other one", async () => {
  await using runtime = await started("3", json);
  const [one, two] = await waiting(runtime, 3);
  if (one === undefined || two === undefined) throw new Error("There is no connection");
  await deliver(one, "innocent", { op: "hang" });
  await deliver(two, "guilty", { op: "crash" });
  const { line, body } = await two.request();
  assert.match(line, "/guilty/error ");
  assert.is(JSON.parse(body.toString()).errorMessage, "crashed");
  two.write(accepted);
  assert.is(await runtime.exit(), 129);
  assert.is(await one.request().catch((error: Error) => error.message.slice(0, 24)), "The client closed after ");
});

for (const value of ["1", "0", "abc", "-1", "1.5", "99999999999", ""]) {
  test(`takes one invocation at a time when AWS_LAMBDA_MAX_CONCURRENCY is "${value}"`, async () => {
    await using runtime = await started(value);
    const peer = await runtime.peer();
    await deliver(peer, "a", { op: "who am I" }, "Lambda-Runtime-Trace-Id: trace\r\n");
    const { body } = await peer.request();
    assert.is(JSON.parse(body.toString()).trace, "trace");
    peer.write(accepted);
    assert.match((await peer.request()).line, "GET ");
    assert.is(runtime.server.connections, 1);
    assert.is(/AWS_LAMBDA_MAX_CONCURRENCY/.test(runtime.output), !["1", ""].includes(value));
  });
}

test("knows its number", () => {
  const complaints: string[] = [];
  const of = (text: string | undefined) =>
    concurrencyOf(text === undefined ? {} : { AWS_LAMBDA_MAX_CONCURRENCY: text }, (sentence) =>
      complaints.push(sentence),
    );
  assert.equal([undefined, "", "1", "2", "64", "10000"].map(of), [1, 1, 1, 2, 64, 10_000]);
  assert.equal(complaints, []);
  assert.equal(["0", "10001", "abc", "2 ", "0x10"].map(of), [1, 1, 1, 1, 1]);
  assert.is(complaints.length, 5);
});

function started(concurrency: string, env = {}, handler = "index.handler"): Promise<PeerProcess> {
  return peerProcess({ task: fixture.taskRoot, handler, env: { AWS_LAMBDA_MAX_CONCURRENCY: concurrency, ...env } });
}

async function waiting(runtime: PeerProcess, count: number): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (let i = 0; i < count; i += 1) peers.push(await runtime.peer());
  return peers;
}

test.run();
