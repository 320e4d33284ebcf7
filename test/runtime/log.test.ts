import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type BootstrapProcess, bootstrap, headersOf } from "./bootstrap-process.ts";
import { PeerServer } from "./peer.ts";
import { accepted, deliver } from "./peer-process.ts";

const test = suite("the log");
const levels = ["TRACE", "DEBUG", "INFO", "INFO", "WARN", "ERROR", "FATAL"];
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

test("is text on stdout, one line for each message, with time, id and level", async () => {
  const runtime = await printed({ op: "print", values: ["%s!\nand", "one", { two: 2 }] });
  const lines = runtime.stdout.split("\n").slice(0, -1);
  assert.is(lines.length, 7);
  lines.forEach((line, i) => {
    assert.match(line, new RegExp(`^${time}\tid\t${levels[i]}\tone!\rand \\{ two: 2 \\}$`));
  });
  assert.is(runtime.stderr, "");
});

test("is one JSON object for each message where that is configured", async () => {
  const event = { op: "print", values: [{ a: "line\nbreak" }] };
  const runtime = await printed(event, { AWS_LAMBDA_LOG_FORMAT: "JSON" }, "Lambda-Runtime-Aws-Tenant-Id: t\r\n");
  const lines = runtime.stdout.split("\n").slice(0, -1).map(parsed);
  assert.equal(
    lines.map(({ timestamp, ...rest }) => rest),
    levels.map((level) => ({ level, requestId: "id", tenantId: "t", message: { a: "line\nbreak" } })),
  );
  for (const { timestamp } of lines) assert.match(timestamp, new RegExp(`^${time}$`));
});

test("makes a sentence of several values, and shows the first error among them", async () => {
  const { stdout } = await printed({ op: "printErrors" }, { AWS_LAMBDA_LOG_FORMAT: "json" });
  const { message, errorType, errorMessage, stackTrace } = parsed(stdout);
  assert.match(message, /^two: RangeError: one\n/);
  assert.equal([errorType, errorMessage, stackTrace[0]], ["RangeError", "one", "RangeError: one"]);
});

test("shows an error with what it carries and what caused it", async () => {
  const { stdout } = await printed({ op: "printError" }, { AWS_LAMBDA_LOG_FORMAT: "JSON" });
  const { message } = parsed(stdout);
  assert.equal([message.errorType, message.errorMessage, message.code], ["TypeError", "no", 7]);
  assert.match(message.stackTrace[1], /index\.mjs/);
  assert.is(message.cause.errorMessage, "why");
});

test("shows each error of a circle of causes once", async () => {
  const { stdout } = await printed({ op: "circle" }, { AWS_LAMBDA_LOG_FORMAT: "JSON" });
  for (const line of stdout.trim().split("\n")) {
    const { message } = parsed(line);
    assert.equal([message.errorMessage, message.cause.errorMessage], ["outer", "inner"]);
    assert.equal([message.cause.cause.errorMessage, message.cause.cause.cause], ["outer", undefined]);
  }
});

test("survives values that have no JSON", async () => {
  const { stdout } = await printed({ op: "printOdd" }, { AWS_LAMBDA_LOG_FORMAT: "JSON" });
  const [circle, bigint, nothing, table] = stdout.split("\n").map((line) => parsed(line || "{}").message);
  assert.match(circle, "name: 'circle'");
  assert.is(bigint, "1n");
  assert.is(nothing, "");
  assert.match(table, "│");
});

for (const format of ["JSON", "Text"]) {
  for (const [level, count] of [
    ["ERROR", 2],
    ["info", 5],
    ["FATAL", 1],
    ["TRACE", 7],
    ["loud", 7],
  ] as const) {
    test(`writes ${count} of 7 lines in ${format} when the level is ${level}`, async () => {
      const env = { AWS_LAMBDA_LOG_FORMAT: format, AWS_LAMBDA_LOG_LEVEL: level };
      const { stdout } = await printed({ op: "print", values: ["x"] }, env);
      assert.is(stdout.split("\n").length - 1, count);
    });
  }
}

const failures = [
  ["cause", "Error", "outer"],
  ["words", "string", "just words"],
  ["hostile", "Runtime.Unknown", "The function threw something that cannot be described"],
] as const;

for (const [op, errorType, errorMessage] of failures) {
  test(`says once, in text, why an invocation failed: ${op}`, async () => {
    const { stdout } = await printed({ op });
    const [, json = ""] = /^\S+\tid\tERROR\tInvoke Error \t(.*)\n$/.exec(stdout) ?? [];
    assert.equal([parsed(json).errorType, parsed(json).errorMessage], [errorType, errorMessage]);
    if (op === "cause") assert.equal([parsed(json).cause.errorMessage, parsed(json).cause.cause], ["inner", "the end"]);
  });

  test(`says once, in JSON, why an invocation failed: ${op}`, async () => {
    const { stdout } = await printed({ op }, { AWS_LAMBDA_LOG_FORMAT: "JSON" });
    const { level, requestId, message } = parsed(stdout);
    assert.equal([level, requestId, message.errorType, message.errorMessage], ["ERROR", "id", errorType, errorMessage]);
  });
}

test("shows the stack of the function and no frame of the runtime", async () => {
  const { stdout, posts } = await printed({ op: "cause" });
  const { stack } = parsed(/\t(\{.*\})\n/.exec(stdout)?.[1] ?? "");
  const { stackTrace } = parsed(posts[0]?.body.toString() ?? "");
  assert.is(stack[0], "Error: outer");
  assert.is(
    stackTrace.filter((line: string) => line.startsWith("Caused by: ")).join(),
    "Caused by: RangeError: inner,Caused by: the end",
  );
  for (const lines of [stack, stackTrace]) {
    assert.match(lines.join("\n"), /index\.mjs:\d+/);
    assert.not.match(lines.join("\n"), /src\/(runtime|platform)\//);
  }
});

for (const [format, first] of [
  ["Text", 0xa55a0007],
  ["JSON", 0xa55a0006],
] as const) {
  test(`goes to the telemetry descriptor in frames, in ${format}`, async () => {
    const event = { op: "print", values: ["line\nbreak \u{1f600}"] };
    const { frames, stdout, environment } = await withDescriptor("pipe", event, format);
    assert.equal(
      frames.map(({ type }) => type),
      [0, 4, 8, 8, 12, 16, 20].map((offset) => first + offset),
    );
    for (const { microseconds, payload } of frames) {
      const stamp = format === "Text" ? payload.slice(0, 24) : parsed(payload).timestamp;
      assert.is(microseconds, BigInt(Date.parse(stamp)) * 1000n);
      if (format === "Text") assert.match(payload, /^\S+\ta\t[A-Z]+\tline\nbreak \u{1f600}\n$/u);
      else assert.is(parsed(payload).message, "line\nbreak \u{1f600}");
    }
    assert.is(stdout, "");
    assert.not("_LAMBDA_TELEMETRY_LOG_FD" in environment);
  });
}

for (const descriptor of ["closed", "nonsense"] as const) {
  test(`falls back to stdout when the telemetry descriptor is ${descriptor}`, async () => {
    const { stdout, environment } = await withDescriptor(descriptor, { op: "print", values: ["x"] }, "Text");
    assert.is(stdout.split("\n").length - 1, 7);
    assert.not("_LAMBDA_TELEMETRY_LOG_FD" in environment);
  });
}

/** Runs one invocation to its end. */
async function printed(
  event: object,
  env: Readonly<Record<string, string>> = {},
  more = "",
): Promise<BootstrapProcess> {
  await using runtime = await bootstrap({
    events: [{ body: JSON.stringify(event), headers: headersOf("id", more) }],
    env,
  });
  await runtime.post(1);
  // The log is written before the answer is, but two pipes have no order.
  runtime.child.kill("SIGKILL");
  await once(runtime.child, "close");
  return runtime;
}

async function withDescriptor(descriptor: "pipe" | "closed" | "nonsense", event: object, format: string) {
  const root = join(import.meta.dirname, "../..");
  await using server = new PeerServer();
  const child = spawn(process.execPath, [join(root, "src/runtime/main.ts")], {
    stdio: ["ignore", "pipe", "inherit", ...(descriptor === "pipe" ? (["pipe"] as const) : [])],
    env: {
      AWS_LAMBDA_RUNTIME_API: await server.listen(),
      LAMBDA_TASK_ROOT: join(root, "test/fixtures/handlers/process"),
      _HANDLER: "index.handler",
      AWS_LAMBDA_LOG_FORMAT: format,
      _LAMBDA_TELEMETRY_LOG_FD: descriptor === "nonsense" ? "three" : "3",
    },
  });
  const output = child.stdout === null ? Promise.resolve(Buffer.alloc(0)) : buffer(child.stdout);
  const third = child.stdio[3];
  const telemetry = third instanceof Readable ? buffer(third) : Promise.resolve(Buffer.alloc(0));
  const peer = await server.peer();
  await deliver(peer, "a", event);
  await peer.request();
  peer.write(accepted);
  await deliver(peer, "b", { op: "environment" });
  const environment = parsed((await peer.request()).body.toString());
  child.kill("SIGKILL");
  return { frames: [...framesOf(await telemetry)], stdout: (await output).toString(), environment };
}

function* framesOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    const payload = bytes.toString("utf8", at + 16, at + 16 + length);
    yield { type: bytes.readUInt32BE(at), microseconds: bytes.readBigInt64BE(at + 8), payload };
    at += 16 + length;
  }
}

function parsed(text: string) {
  return JSON.parse(text);
}

test.run();
