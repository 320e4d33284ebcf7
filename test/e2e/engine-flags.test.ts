/**
 * The flags that the launcher gives the engine, as a function meets them: in what they do, and nowhere else. What runs a
 * function on this machine gives the same.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as assert from "uvu/assert";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { PeerServer } from "../runtime/peer.ts";
import { accepted, deliver } from "../runtime/peer-process.ts";

const test = suite("the launcher's flags");
const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const shipped = await shippedRuntime();
const local = await openLocalLayer();
test.after(() => local.remove());
const wrapper = join(root, "wrapper");
writeFileSync(wrapper, '#!/bin/sh\nexec "$@"\n');
chmodSync(wrapper, 0o755);
writeFileSync(
  join(root, "index.js"),
  `const { once } = require("node:events");
const { fork } = require("node:child_process");
const { Worker } = require("node:worker_threads");
exports.handler = async () => {
  const threads = require("node:fs").readdirSync("/proc/self/task").length;
  const { execArgv } = process;
  const worker = new Worker("require('node:worker_threads').parentPort.postMessage('runs')", { eval: true });
  const child = fork(__dirname + "/child.js");
  const [[fromWorker], [fromChild]] = await Promise.all([worker, child].map((one) => once(one, "message")));
  const heapMiB = require("node:v8").getHeapStatistics().heap_size_limit / 1_048_576;
  const headerBytes = require("node:http").maxHeaderSize;
  const { execPath } = process;
  return { threads, execArgv, execPath, fromWorker, fromChild, heapMiB, headerBytes };
};`,
);
writeFileSync(
  join(root, "child.js"),
  "process.send(require('node:v8').getHeapStatistics().heap_size_limit / 1048576, () => process.disconnect());",
);

const ours = Math.max(1, availableParallelism() - 1);

for (const [how, env, pool] of [
  ["gives V8 a thread for each processor beside the first", {}, ours],
  ["does so behind a wrapper too", { AWS_LAMBDA_EXEC_WRAPPER: wrapper }, ours],
  ["gives way to the function's own", { NODE_OPTIONS: "--v8-pool-size=9" }, 9],
] as const)
  test(how, async () => {
    const none = await answer({ NODE_OPTIONS: "--v8-pool-size=1" });
    const { threads, heapMiB, headerBytes, execPath: _, ...rest } = await answer(env);
    assert.is(threads - none.threads, pool - 1);
    // As in the managed runtime, which has them on its command line too: a child has the heap of its function.
    const execArgv = ["--max-http-header-size=81920", "--max-old-space-size=461", "--max-semi-space-size=25"];
    // V8 takes three spaces for the young generation, each of a power of two.
    assert.is(heapMiB, 461 + 3 * 32);
    assert.equal(rest, { execArgv, fromWorker: "runs", fromChild: heapMiB });
    assert.is(headerBytes, 81_920);
  });

test("leave the heap and the headers to the function that says how large they are", async () => {
  const { heapMiB, headerBytes } = await answer({
    NODE_OPTIONS: "--max-old-space-size=200 --max-semi-space-size=4 --max-http-header-size=30000",
  });
  assert.is(heapMiB, 200 + 3 * 4);
  assert.is(headerBytes, 30_000);
});

for (const [whose, env, heapMiB, headerBytes] of [
  ["what a layer has", {}, 461 + 3 * 32, 81_920],
  [
    "what the function says",
    { NODE_OPTIONS: "--max_old_space_size=200 --max-semi-space-size=4 --max-http-header-size=30000" },
    200 + 3 * 4,
    30_000,
  ],
] as const)
  test(`a function that is run here has ${whose}, and a true Node in its process.execPath`, async () => {
    const there = await answer(env);
    const here = await answer(env, join(local.folder, "bootstrap"));
    assert.equal({ ...here, execPath: basename(here.execPath) }, { ...there, execPath: "node" });
    assert.equal([here.heapMiB, here.headerBytes], [heapMiB, headerBytes]);
  });

test.run();

interface Answer {
  readonly heapMiB: number;
  readonly headerBytes: number;
  readonly threads: number;
  readonly execArgv: readonly string[];
  readonly execPath: string;
}

async function answer(env: Readonly<Record<string, string>>, command = shipped): Promise<Answer> {
  await using server = new PeerServer();
  const authority = await server.listen();
  const own = {
    AWS_LAMBDA_RUNTIME_API: authority,
    LAMBDA_TASK_ROOT: root,
    _HANDLER: "index.handler",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
  };
  const child = spawn(command, [], { env: { PATH: "/usr/bin:/bin", ...own, ...env }, stdio: "inherit" });
  try {
    const peer = await server.peer();
    await deliver(peer, "a", {});
    const { body } = await peer.request();
    peer.write(accepted);
    return JSON.parse(body.toString());
  } finally {
    child.kill("SIGKILL");
  }
}
