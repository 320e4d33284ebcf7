import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { Script } from "node:vm";
import * as assert from "uvu/assert";
import { buildFunction } from "../../src/layer/build-function.ts";
import { buildRelease } from "../../src/layer/build-release.ts";
import { architectures, hostArchitecture } from "../../src/layer/engine.ts";
import { emulatorOf } from "../../src/layer/foreign-engine.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { limits } from "../../src/protocol/limits.ts";
import { suite } from "../helpers/suite.ts";
import { flawsOfBill } from "../layer/cyclonedx.ts";

const test = suite("the released layers");
const root = mkdtempSync(join(tmpdir(), "bootlace-e2e-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

/** Four engines of a hundred megabytes, twice, on a slow machine. */
const timeoutMs = 240_000;
const released = ["node24-x86_64", "node24-arm64", "node26-x86_64", "node26-arm64"].map((name) => `layer-${name}.zip`);
const unzippedBytesMax = limits.packageUnzippedBytesMax;
const opt = join(root, "opt");

/** Taken by running the engine, which takes QEMU for the one that is not for this machine. */
function code(layer: string): readonly string[] {
  const [emulator] = architectures.filter((arch) => layer.includes(arch)).flatMap(emulatorOf);
  const runs = emulator === undefined || spawnSync(emulator, ["--version"]).status === 0;
  return runs ? ["bootlace/bootstrap.code"] : [];
}

test(
  "are the same bytes in two builds that share nothing, for each engine and architecture",
  async () => {
    const build = (name: string) =>
      buildRelease({
        outDir: join(root, name),
        // The slow level is a function of the same bytes; test/platform/archive.test.ts has it.
        level: 1,
        cacheDirectory: join(root, name, "cache"),
      });
    const layers = await build("one");
    const again = await build("two");
    assert.equal(
      again.map(({ sha256 }) => sha256),
      layers.map(({ sha256 }) => sha256),
    );
    assert.equal(
      layers.map(({ file }) => basename(file)),
      [...released, "layer-lifecycle.zip", "layer-otlp.zip", "layer-recorder.zip"],
    );
    const named = (name: string) => layers.find(({ file }) => basename(file) === name);
    const runtime = named(`layer-node24-${hostArchitecture}.zip`);
    const lifecycle = named("layer-lifecycle.zip");
    assert.ok(runtime && lifecycle);
    assert.ok(runtime.entries.some(({ path, bytes }) => path === "LICENSES/node.txt" && bytes > 100_000));
    assert.not.ok(runtime.entries.some(({ path }) => path.startsWith("extensions/")));
    assert.equal(
      layers.map(({ note }) => note),
      layers.map(() => undefined),
    );
    for (const { file } of layers) {
      const bill = (from: string) =>
        readFileSync(join(root, from, basename(file).replace(".zip", ".cdx.json")), "utf8");
      assert.is(await flawsOfBill(bill("one")), undefined, file);
      assert.is(bill("one"), bill("two"), file);
      assert.match((await flawsOfBill(bill("one").replace('"SHA-256"', '"SHA-0"'))) ?? "", /alg/);
    }
    const paths = (name: string) => named(name)?.entries.map(({ path }) => path) ?? [];
    for (const name of released) {
      const libraries = name.includes("node26") ? ["lib/libatomic.so.1"] : [];
      const ours = paths(name).filter((path) => !path.startsWith("LICENSES/"));
      assert.equal(ours.sort(), [
        ...[
          "bin/node",
          "bootlace/README.txt",
          "bootlace/bootstrap.cjs",
          ...code(name),
          "bootstrap",
          ...libraries,
        ].sort(),
      ]);
    }
    await unpackZip(runtime.file, opt, { unzippedBytesMax });
    await unpackZip(lifecycle.file, join(root, "opt-lifecycle"), { unzippedBytesMax });
    assert.is(statSync(join(opt, "bootstrap")).mode & 0o777, 0o755);
  },
  { timeoutMs },
);

test("hold code of the runtime that their engine takes as it is, for the source that lies beside it", () => {
  const file = join(opt, "bootlace/bootstrap.code");
  const refused = (content: Buffer) => {
    const at = content.readUInt32LE();
    const cachedData = content.subarray(4, at);
    return new Script(content.toString("latin1", at), { filename: file, cachedData }).cachedDataRejected;
  };
  const content = readFileSync(file);
  assert.is(refused(content), false);
  assert.is(refused(Buffer.concat([content, Buffer.from(" ")])), true);
});

// A flag that changes V8's code makes it compile the source, as it would without any.
for (const flags of ["", "--jitless"])
  test(`hold a bootstrap that takes an invocation, answers it and asks for the next ${flags}`.trim(), () =>
    serves(flags),
  );

async function serves(flags: string): Promise<void> {
  const directory = join(import.meta.dirname, "../../examples/hello");
  const { outDir } = await buildFunction({ directory, outDir: join(root, "task") });
  const event = readFileSync(join(directory, "event.json"));
  const api = await servedApi((call, answer) => {
    if (call.url === "/2018-06-01/runtime/invocation/next" && answer.count === 1) {
      const headers = {
        "Lambda-Runtime-Aws-Request-Id": "request-1",
        "Lambda-Runtime-Deadline-Ms": `${Date.now() + 5e3}`,
      };
      answer.send(200, headers, event);
    } else if (call.method === "POST") answer.send(202, {}, "{}");
  });
  const child = spawn(join(opt, "bootstrap"), [], {
    env: {
      ...{ AWS_LAMBDA_RUNTIME_API: api.address, _HANDLER: "index.handler", LAMBDA_TASK_ROOT: outDir },
      NODE_OPTIONS: flags,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  try {
    const [first, response, second] = await api.calls(3, child);
    assert.is(first?.line, "GET /2018-06-01/runtime/invocation/next");
    assert.is(response?.line, "POST /2018-06-01/runtime/invocation/request-1/response");
    assert.type(JSON.parse(response?.body ?? ""), "object");
    assert.is(second?.line, "GET /2018-06-01/runtime/invocation/next");
  } finally {
    child.kill("SIGKILL");
    api.close();
  }
}

test("hold an extension that the same bootstrap runs", async () => {
  const api = await servedApi((call, answer) => {
    if (call.url?.endsWith("/register")) {
      const body = JSON.stringify({ functionName: "f", functionVersion: "$LATEST", handler: "index.handler" });
      answer.send(200, { "Lambda-Extension-Identifier": "identifier-1" }, body);
    }
  });
  // Lambda lays one layer over the other.
  const merged = join(root, "merged");
  for (const folder of ["extensions", "bootlace/extensions"]) await mkdir(join(merged, folder), { recursive: true });
  await cp(opt, merged, { recursive: true });
  for (const file of ["extensions/lifecycle", "bootlace/extensions/lifecycle.mjs"])
    await copyFile(join(root, "opt-lifecycle", file), join(merged, file));
  const child = spawn(join(merged, "extensions/lifecycle"), [], {
    env: { AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    const [register, next] = await api.calls(2, child);
    assert.is(register?.line, "POST /2020-01-01/extension/register");
    assert.is(register?.headers["lambda-extension-name"], "lifecycle");
    assert.is(next?.line, "GET /2020-01-01/extension/event/next");
  } finally {
    child.kill("SIGKILL");
    api.close();
  }
});

test.run();

interface Call {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Answer {
  readonly count: number;
  send(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): void;
}

/** A server that remembers its calls and answers those that the test wants answered. */
async function servedApi(answer: (call: IncomingMessage, answer: Answer) => void) {
  const seen: Call[] = [];
  const waiting: { readonly count: number; readonly resolve: (calls: readonly Call[]) => void }[] = [];
  const server: Server = createServer(async (call, response) => {
    seen.push({ line: `${call.method} ${call.url}`, headers: call.headers, body: await text(call) });
    answer(call, {
      count: seen.length,
      send: (status, headers, body) => response.writeHead(status, headers).end(body),
    });
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve(seen);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address object.
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    calls: (count: number, child: ChildProcess) =>
      new Promise<readonly Call[]>((resolve, reject) => {
        waiting.push({ count, resolve });
        child.once("exit", (code) => reject(new Error(`Ended with ${code} after ${seen.length} calls`)));
        child.once("error", reject);
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
