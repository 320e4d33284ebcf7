/** The flag that the launcher gives the engine, as a function meets it: in its threads, and nowhere else. */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { PeerServer } from "../runtime/peer.ts";
import { accepted, deliver } from "../runtime/peer-process.ts";

const test = suite("the launcher's flag");
const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const command = await shippedRuntime();
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
  const worker = new Worker("require('node:worker_threads').parentPort.postMessage('runs')", { eval: true, execArgv });
  const child = fork(__dirname + "/child.js");
  const [[fromWorker], [fromChild]] = await Promise.all([worker, child].map((one) => once(one, "message")));
  return { threads, execArgv, fromWorker, fromChild };
};`,
);
writeFileSync(join(root, "child.js"), "process.send(process.execArgv, () => process.disconnect());");

const ours = Math.max(1, availableParallelism() - 1);

for (const [how, env, pool] of [
  ["gives V8 a thread for each processor beside the first", {}, ours],
  ["does so behind a wrapper too", { AWS_LAMBDA_EXEC_WRAPPER: wrapper }, ours],
  ["gives way to the function's own", { NODE_OPTIONS: "--v8-pool-size=9" }, 9],
] as const)
  test(how, async () => {
    const none = await answer({ NODE_OPTIONS: "--v8-pool-size=1" });
    const { threads, ...rest } = await answer(env);
    assert.is(threads - none.threads, pool - 1);
    assert.equal(rest, { execArgv: [], fromWorker: "runs", fromChild: [] });
  });

test.run();

interface Answer {
  readonly threads: number;
  readonly execArgv: readonly string[];
}

async function answer(env: Readonly<Record<string, string>>): Promise<Answer> {
  await using server = new PeerServer();
  const authority = await server.listen();
  const own = { AWS_LAMBDA_RUNTIME_API: authority, LAMBDA_TASK_ROOT: root, _HANDLER: "index.handler" };
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
