import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { buildBootstrap } from "../../src/layer/build-bootstrap.ts";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { type Peer, PeerServer } from "../runtime/peer.ts";
import { accepted, deliver } from "../runtime/peer-process.ts";

const test = suite("real software");
const here = import.meta.dirname;
const root = join(here, "../..");
if (!existsSync(join(here, "node_modules"))) execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: here });
const { file: compiled } = await buildBootstrap({ arch: process.arch === "arm64" ? "arm64" : "x86_64" });
const http = JSON.parse(readFileSync(join(root, "examples/hello/event.json"), "utf8"));
const trace = "Root=1-6740a1b2-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";

const forms = [
  ["from source", [process.execPath, join(root, "src/runtime/main.ts")]],
  ["in one executable", [compiled]],
  ["as released", [await shippedRuntime()]],
] as const;

for (const [form, command] of forms) {
  const runs = (title: string, handler: string, body: (runtime: Running) => Promise<void>, env = {}) =>
    test(`${title}, ${form}`, async () => {
      await using runtime = await start(command, handler, env);
      await body(runtime);
    });

  runs("middy with a body parser", "functions/middy.handler", async ({ peer }) => {
    const answer = await invoked(peer, { headers: { "Content-Type": "application/json" }, body: '{"a":1}' });
    assert.equal(answer, { parsed: { a: 1 }, stamped: "id" });
  });

  runs("middy with a streamed response", "functions/middy.streaming", async ({ peer }) => {
    const { metadata, body } = await streamed(peer, {});
    assert.is(metadata.statusCode, 200);
    assert.is(body, "streamed by middy");
  });

  runs("the Powertools logger, metrics and tracer", "functions/powertools.handler", async (runtime) => {
    assert.equal(await invoked(runtime.peer, {}), ["1-6740a1b2-0123456789abcdef01234567", true]);
    const lines = (await runtime.output())
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    const logged = lines.find(({ message }) => message === "taken");
    assert.equal([logged.function_request_id, logged.order, logged.service], ["id", 7, "orders"]);
    assert.equal(lines.find((line) => "_aws" in line)?.taken, 1);
  });

  runs("Express", "functions/express.handler", async ({ peer }) => {
    const answer = await invoked(peer, http);
    assert.is(answer.statusCode, 200);
    assert.equal(JSON.parse(answer.body), { hello: "Ada" });
    assert.match(JSON.stringify([answer.cookies, answer.headers]), /seen=1/);
  });

  runs("Hono", "functions/hono.handler", async ({ peer }) => {
    const answer = await invoked(peer, http);
    assert.is(answer.statusCode, 200);
    assert.equal(JSON.parse(answer.body), { hello: "Ada" });
  });

  runs("Hono with a streamed response", "functions/hono.streaming", async ({ peer }) => {
    const { metadata, body } = await streamed(peer, { ...http, rawPath: "/stream" });
    assert.is(metadata.statusCode, 200);
    assert.is(body, "one two three");
  });

  for (const [name, env] of [
    ["one at a time", {}],
    ["several at once", { AWS_LAMBDA_MAX_CONCURRENCY: "2" }],
  ] as const) {
    test(`the DynamoDB client of AWS's SDK, which passes the trace on, ${name}, ${form}`, async () => {
      const seen: IncomingMessage["headers"][] = [];
      await using stub = await stubEndpoint(seen);
      await using runtime = await start(command, "functions/dynamodb.handler", { STUB_ENDPOINT: stub.url, ...env });
      assert.equal(await invoked(runtime.peer, { id: "7" }), { id: { S: "7" } });
      assert.is(seen[0]?.["x-amz-target"], "DynamoDB_20120810.GetItem");
      assert.is(seen[0]?.["x-amzn-trace-id"], trace);
    });
  }

  runs("a native addon", "functions/native.handler", async ({ peer }) => {
    assert.is(await invoked(peer, { text: "123456789" }), 0xcbf43926);
  });

  for (const handler of ["functions/common.handler", "functions/module.handler"]) {
    runs(`a package of CommonJS alone and one of ES modules alone in ${handler}`, handler, async ({ peer }) => {
      assert.equal(await invoked(peer, {}), { chunks: [[1, 2], [3]], id: 8 });
    });
  }
}

interface Running {
  readonly peer: Peer;
  /** Ends the process; everything that it has written. */
  output(): Promise<string>;
}

async function start(command: readonly string[], handler: string, env: Readonly<Record<string, string>>) {
  const server = new PeerServer();
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      AWS_LAMBDA_RUNTIME_API: await server.listen(),
      LAMBDA_TASK_ROOT: here,
      _HANDLER: handler,
      AWS_LAMBDA_FUNCTION_NAME: "orders",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "not a secret",
      AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
      PATH: "/usr/bin:/bin",
      ...env,
    },
  });
  const written = text(child.stdout);
  return {
    peer: await server.peer(),
    output: () => {
      child.kill("SIGKILL");
      return written;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await server[Symbol.asyncDispose]();
    },
  };
}

async function invoked(peer: Peer, event: object) {
  await deliver(peer, "id", event, `Lambda-Runtime-Trace-Id: ${trace}\r\n`);
  const { line, body } = await peer.request();
  assert.match(line, "/id/response ", body.toString());
  peer.write(accepted);
  return JSON.parse(body.toString());
}

async function streamed(peer: Peer, event: object) {
  await deliver(peer, "id", event);
  const { line, head, body: buffered } = await peer.request();
  assert.match(line, "/id/response ", buffered.toString());
  assert.match(head, "Content-Type: application/vnd.awslambda.http-integration-response\r\n");
  const { text: whole, trailers } = await peer.body();
  assert.equal(trailers, []);
  const [prelude = "", body = ""] = whole.split("\0".repeat(8));
  return { metadata: JSON.parse(prelude), body };
}

/** A DynamoDB that has every item. */
async function stubEndpoint(seen: IncomingMessage["headers"][]) {
  const server = createServer(async (request, response) => {
    seen.push(request.headers);
    const { Key } = JSON.parse(await text(request));
    response.setHeader("Content-Type", "application/x-amz-json-1.0").end(JSON.stringify({ Item: Key }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // as: a server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.run();
