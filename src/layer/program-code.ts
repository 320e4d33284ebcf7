import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { codeCacheBytes, codeCacheFile } from "../platform/code-cache.ts";
import { packageRoot, sourceFile } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { BuildError } from "./build-error.ts";
import { bundle } from "./bundle.ts";
import { cached } from "./cache.ts";
import { type Engine, hostArchitecture } from "./engine.ts";
import { emulatorOf } from "./foreign-engine.ts";

/**
 * Starts a program from a file beside it that holds V8's code of it and the source that this was made of: a start then
 * compiles nothing. What V8 refuses, because of a flag that changes its code, is compiled as ever.
 */
export const codeStarter = `"use strict";
const bytes = require("node:fs").readFileSync(__dirname + "/bootstrap.code"), sourceAt = bytes.readUInt32LE();
new (require("node:vm").Script)(bytes.latin1Slice(sourceAt), { filename: __filename, cachedData: bytes.subarray(4, sourceAt) })
  .runInThisContext().call(exports, exports, require, module, __filename, __dirname);
`;

/** A start under QEMU on a busy machine. */
const timeoutMs = 120_000;

/** V8 numbers what it writes by chance, unless told what chance is. */
const seed = "--random-seed=1";

/** The headers of an event, as Lambda has them. */
export const deliveredWith = {
  "Content-Type": "application/json",
  "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  "Lambda-Runtime-Deadline-Ms": "4102444800000",
  "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:build",
  "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
};

/** As `bootlace build function` makes them, so that what reads compiled code of functions has run as well. */
const source = "exports.handler = async (event) => (event.take ? takeCode() : event);\n";

/**
 * The code of our own runtime, as the engine compiles it for a start and a first invocation. The same bytes for the same
 * program and engine; undefined for the other architecture where QEMU is not installed.
 */
export async function takeProgramCode(
  program: Uint8Array,
  engine: Engine,
  cacheDirectory: string,
): Promise<Buffer | undefined> {
  const root = packageRoot();
  const taker = await bundle({
    entry: sourceFile("src/runtime/take-code"),
    root,
    outFile: join(root, "take-code.cjs"),
    format: "cjs",
    sourceMap: "none",
  });
  const inputs = [program, taker.code, source, engine.version, engine.arch];
  try {
    const place = { directory: cacheDirectory, kind: "program-code" };
    const { file } = await cached(place, inputs, (outFile) => take(outFile, program, taker.code, engine));
    return await readFile(file);
  } catch (error) {
    if (error instanceof BuildError && error.code === "tool-missing") return undefined;
    throw error;
  }
}

async function take(outFile: string, program: Uint8Array, taker: Uint8Array, engine: Engine): Promise<void> {
  const folder = temporaryFolder("bootlace-program-code-");
  try {
    const [task, programFile, takerFile] = ["task", "bootstrap.cjs", "take-code.cjs"].map((name) =>
      join(folder.path, name),
    ) as [string, string, string];
    await mkdir(task);
    await writeFile(programFile, program);
    await writeFile(takerFile, taker);
    const handler = join(task, "index.cjs");
    await writeFile(handler, source);
    const cache = codeCacheFile(handler, `v${engine.version}`, engine.arch === "arm64" ? "arm64" : "x64");
    await writeFile(cache, codeCacheBytes(source, new Uint8Array(8)));
    const job = { program: programFile, outFile };
    await run([...emulatorOf(engine.arch), engine.node, seed, takerFile, JSON.stringify(job)], task, engine);
  } finally {
    folder.remove();
  }
}

/** Runs until the second event made the function take the code. */
async function run([command = "", ...args]: readonly string[], taskRoot: string, engine: Engine): Promise<void> {
  const events = ["{}", '{"take":true}'];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (bytes.toString("latin1", 0, 4) !== "GET ") socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
      else socket.write(delivery(events.shift() ?? "{}"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // as: a server that listens on a port has an address object.
  const { port } = server.address() as AddressInfo;
  const env = {
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: "index.handler",
    TZ: ":UTC",
  };
  const child = spawn(command, args, {
    cwd: taskRoot,
    env: { ...env, PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  try {
    const [code, said, complained] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (code !== 0) throw new Error(`it ended with ${code}: ${`${said}${complained}`.slice(0, 500)}`);
  } catch (error) {
    const isMissing =
      engine.arch !== hostArchitecture && error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = error instanceof Error ? error.message : error;
    throw new BuildError(
      isMissing ? "tool-missing" : "tool-failed",
      `Cannot take the code of the runtime for ${engine.arch}: ${why}`,
      error,
    );
  } finally {
    server.close();
  }
}

function delivery(event: string): string {
  const headers = Object.entries({ ...deliveredWith, "Content-Length": event.length });
  return `HTTP/1.1 200 OK\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${event}`;
}
