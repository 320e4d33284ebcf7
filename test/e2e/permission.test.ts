/** Node's permission model, as `NODE_OPTIONS` can ask for it: what Node forbids the runtime is told, in a sentence, to Lambda too. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { PeerServer } from "../runtime/peer.ts";
import { accepted, deliver } from "../runtime/peer-process.ts";

const test = suite("Node's permission model");
const { path: root } = temporaryFolder("bootlace-test-");
test.after(() => rmSync(root, { recursive: true, force: true }));
const command = await shippedRuntime();
writeFileSync(join(root, "index.js"), "exports.handler = async () => process.execArgv;");

function started(authority: string, options: string) {
  const own = { AWS_LAMBDA_RUNTIME_API: authority, LAMBDA_TASK_ROOT: root, _HANDLER: "index.handler" };
  const env = { PATH: "/usr/bin:/bin", ...own, NODE_OPTIONS: options };
  return spawn(command, [], { env, stdio: ["ignore", "pipe", "pipe"] });
}

test("that lets nothing be read is an init error, and the log says what to allow", async () => {
  await using server = new PeerServer();
  const child = started(await server.listen(), "--permission");
  const [ended, log, said] = [once(child, "exit"), text(child.stdout), text(child.stderr)];
  const peer = await server.peer();
  const { head, body } = await peer.request();
  assert.match(head, "POST /2018-06-01/runtime/init/error ");
  assert.match(JSON.parse(body.toString()).errorMessage, "Use --allow-fs-read to manage permissions");
  peer.write(accepted);
  assert.equal(await ended, [1, null]);
  assert.match(`${await log}${await said}`, /Init Error .*Use --allow-fs-read to manage permissions/);
});

test("that lets everything be read changes nothing", async () => {
  await using server = new PeerServer();
  const child = started(await server.listen(), "--permission --allow-fs-read=*");
  try {
    const peer = await server.peer();
    await deliver(peer, "a", {});
    const { body } = await peer.request();
    assert.equal(JSON.parse(body.toString()), ["--max-http-header-size=81920"]);
  } finally {
    child.kill("SIGKILL");
  }
});

test.run();
