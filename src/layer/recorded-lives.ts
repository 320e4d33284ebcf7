import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { manifest } from "../../layer/manifest.ts";
import { engineFlags, heapFlags } from "../platform/engine-flags.ts";
import { BuildError } from "./build-error.ts";
import { deliveredWith } from "./program-code.ts";

/** A start of the runtime, and the invocation that it is for. */
export interface Life {
  readonly name: string;
  /** A function of `functions`. */
  readonly handler: string;
  /** Where the layer and the function lie. Node asks of each folder whether it is a link, which touches more the more there are. */
  readonly at: "lambda" | "deep";
  readonly environment?: Readonly<Record<string, string>>;
}

/** The folder of all their functions. */
export const functions: Readonly<Record<string, string>> = {
  "package.json": packageOf("commonjs", "common.js"),
  "common.js": "exports.handler = async () => 'hello';\n",
  "module.mjs": "export const handler = async () => 'hello';\n",
  "typed/package.json": packageOf("module", "index.js"),
  "typed/index.js": "export const handler = async () => 'hello';\n",
  "logs.js": "exports.handler = async (event) => { console.log('an event', event); return { statusCode: 200 }; };\n",
  "throws.js": "exports.handler = async () => { throw new Error('no'); };\n",
  "streams.js":
    "exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('hello'); stream.end(); });\n",
};

/** What a start touches depends on the function and on where things lie: a page that any of these touches is listed. */
export const lives: readonly Life[] = [
  { name: "a CommonJS module", handler: "common.handler", at: "lambda" },
  { name: "an ES module", handler: "module.handler", at: "lambda" },
  { name: "an ES module by its package", handler: "typed/index.handler", at: "lambda" },
  { name: "a CommonJS module far down", handler: "common.handler", at: "deep" },
  { name: "an ES module far down", handler: "module.handler", at: "deep" },
  { name: "a function that logs", handler: "logs.handler", at: "lambda" },
  {
    name: "a function that logs JSON",
    handler: "logs.handler",
    at: "lambda",
    environment: { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "INFO" },
  },
  { name: "a function that fails", handler: "throws.handler", at: "lambda" },
  { name: "a function that streams", handler: "streams.handler", at: "lambda" },
];

/** As long and as varied as people's are: what Node skips of it touches pages too. */
function packageOf(type: "commonjs" | "module", main: string): string {
  const names = Array.from({ length: 20 }, (_, index) => [`package-${index}`, `^${index}.0.0`] as const);
  const dependencies = Object.fromEntries(names);
  const about = { name: "function", version: "1.0.0", private: true, type, description: "A function", keywords: ["a"] };
  const rest = { engines: { node: ">=20" }, bin: {}, scripts: { test: "true" }, files: [main], dependencies };
  return `${JSON.stringify({ ...about, main, exports: { ".": `./${main}`, "./x": { default: "./x.js" } }, ...rest }, null, 2)}\n`;
}

/** Where a life finds the layer and the folder of the functions. */
export interface Places {
  readonly layer: string;
  readonly task: string;
}

const lambdasPlaces: Places = { layer: "/opt", task: "/var/task" };

/** Puts a layer and a function where Lambda has them, for what is started after it and nobody else. */
const asOnLambda = [
  ...["unshare", "--mount", "--propagation", "private", "sh", "-c"],
  'mount --bind "$1" /opt && mount -t tmpfs none /var && mkdir /var/task && mount --bind "$2" /var/task && shift 2 && exec "$@"',
  "sh",
];

const memoryMiB = 128;

/** Under qemu, on a busy machine. */
const timeoutMs = 60_000;

/**
 * Lives a life until the runtime asks for its second event, and ends it after `meanwhile`, which looks at what it did.
 * `emulator` precedes the command of an engine for another architecture.
 */
export async function live<T>(
  life: Life,
  { places, emulator }: { readonly places: Readonly<Record<Life["at"], Places>>; readonly emulator: readonly string[] },
  meanwhile: () => Promise<T>,
): Promise<T> {
  const { promise: asked, resolve: askedAgain } = Promise.withResolvers<void>();
  const server = await serving(askedAgain);
  const { layer, task } = life.at === "lambda" ? lambdasPlaces : places.deep;
  const wrapper = life.at === "lambda" ? [...asOnLambda, places.lambda.layer, places.lambda.task] : [];
  const engine = [`${layer}/${manifest.places.engine}`, ...engineFlags, ...heapFlags(memoryMiB)];
  const command = [...wrapper, ...emulator, ...engine, `${layer}/${manifest.places.program}`];
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    env: { ...environmentOf(layer, task, life), AWS_LAMBDA_RUNTIME_API: addressOf(server) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  try {
    await Promise.race([asked, failure(child)]);
    return await meanwhile();
  } catch (error) {
    if (error instanceof BuildError) throw error;
    const why = error instanceof Error ? error.message : error;
    throw new BuildError("tool-failed", `Cannot record ${life.name} with "${command.join(" ")}": ${why}`, error);
  } finally {
    child.kill("SIGKILL");
    await ended.catch(() => {});
    server.closeAllConnections();
    server.close();
  }
}

/** As Lambda sets it, so that reading it takes what it takes there. */
function environmentOf(layer: string, task: string, { handler, environment }: Life): Record<string, string> {
  return {
    PATH: `/usr/local/bin:/usr/bin:/bin:${layer}/bin`,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/task:${layer}/${manifest.places.libraries}`,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_LAMBDA_FUNCTION_NAME: "prefetch",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${memoryMiB}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/prefetch",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    LAMBDA_TASK_ROOT: task,
    _HANDLER: handler,
    ...environment,
  };
}

/** A Runtime API with one event to give. */
async function serving(askedAgain: () => void): Promise<Server> {
  const event = JSON.stringify({ key: "value", number: 1, list: [{ nested: true }] });
  let isGiven = false;
  const server = createServer((request, response) => {
    if (request.method !== "GET") request.resume().on("end", () => response.writeHead(202).end());
    else if (isGiven) askedAgain();
    else {
      isGiven = true;
      response.writeHead(200, deliveredWith).end(event);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function addressOf(server: Server): string {
  // as: a server that listens on a port has an address object.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Rejects when it ends by itself, or takes too long. */
function failure(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    let said = "";
    child.stderr?.on("data", (bytes) => (said += bytes));
    const timer = setTimeout(() => reject(new Error(`it took too long ${said}`)), timeoutMs);
    child.on("error", reject).on("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${code} ${said}`));
    });
  });
}
