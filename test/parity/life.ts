import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

/** What is asked of a runtime. */
export interface ParityCase {
  readonly name: string;
  readonly handler: string;
  readonly event?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a runtime did: each thing that can be seen from outside under a name, in one form for all runtimes. */
export type Seen = Readonly<Record<string, unknown>>;

const taskRoot = join(import.meta.dirname, "functions");
const trace = "Root=1-6740a1b2-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";
/** Far away: how long a machine takes is no difference. */
const timeoutMs = 600_000;

/** Runs a handler twice, so that what one invocation leaves behind is seen by the next one. */
const invocations = 2;

/** One life of a runtime: both invocations, or its end before them. */
export async function life(command: readonly string[], parity: ParityCase): Promise<Seen> {
  const seen: Record<string, unknown> = {};
  let given = 0;
  let posts = 0;
  const done = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      if (given === invocations) return done.resolve();
      given += 1;
      return deliver(response, parity, given);
    }
    const body = await buffer(request);
    posts += 1;
    Object.assign(seen, requestAspects(`post ${posts}`, request, body));
    response.writeHead(202, { "Content-Type": "application/json" }).end('{"status":"OK"}\n');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // as: a server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: taskRoot,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment(parity), AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const closed = once(child, "close");
  await Promise.race([done.promise, closed]);
  seen.exit = child.exitCode ?? child.signalCode ?? "none";
  child.kill("SIGKILL");
  await closed;
  server.closeAllConnections();
  server.close();
  return { ...seen, posts, log: logLines(output) };
}

function deliver(response: ServerResponse, { event = "{}", headers = {} }: ParityCase, nth: number): void {
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": `8476a536-e9f4-11e8-9739-00000000000${nth}`,
    "Lambda-Runtime-Deadline-Ms": `${Date.now() + timeoutMs}`,
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:parity",
    "Lambda-Runtime-Trace-Id": trace,
    ...headers,
  });
  response.end(event);
}

function environment({ handler, env }: ParityCase): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TZ: "UTC",
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_REGION: "us-east-1",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "parity",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/parity",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    ...env,
  };
}

/** All but the User-Agent and the address, which are each runtime's own and everybody's. */
function requestAspects(name: string, request: IncomingMessage, body: Buffer): Record<string, unknown> {
  const aspects: Record<string, unknown> = { [name]: `${request.method} ${request.url}` };
  for (const [header, value] of Object.entries(request.headers)) {
    if (header === "host" || header === "user-agent") continue;
    aspects[`${name} header ${header}`] = parsed(String(value));
  }
  for (const [header, value] of Object.entries(request.trailers))
    aspects[`${name} trailer ${header}`] = trailer(String(value));
  aspects[`${name} body`] = parsed(body.toString("utf8"));
  return aspects;
}

function trailer(value: string): unknown {
  const decoded = Buffer.from(value, "base64").toString("utf8");
  return decoded.startsWith("{") ? parsed(decoded) : value;
}

/** JSON as what it says, with the frames of stacks reduced to those of the function. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => (isStack(key) ? frames(value) : value));
  } catch {
    return text;
  }
}

function isStack(key: string): boolean {
  return ["trace", "stack", "stackTrace", "working_directory", "paths", "exceptions"].includes(key);
}

function frames(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll(taskRoot, "TASK");
  return [...text.matchAll(/TASK\/(\w+\.\w+)/g)].map((match) => match[1]).slice(0, 2);
}

/** Lines without what is different in any two runs: times, and frames that are not of the function. */
function logLines(output: string): readonly unknown[] {
  return output
    .replaceAll(`file://${taskRoot}`, "TASK")
    .replaceAll(taskRoot, "TASK")
    .replaceAll(/ {4}\.\.\. \d+ lines matching/g, "    ... lines matching")
    .replaceAll(/\\n {4}at [^"\\]*/g, "")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replaceAll(/[\r\n]+ {4,}at [^\r\n]*(?=[\r\n]|$)/g, (frame) =>
      frame.includes("TASK/") ? `\r    at ${/TASK\/\w+\.\w+/.exec(frame)?.[0]}` : "",
    )
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, head = "", json] = /^((?:[^\t{]*\t)*)(\{.*\})$/s.exec(line) ?? [];
      return json === undefined ? line : [head, parsed(json)];
    });
}
