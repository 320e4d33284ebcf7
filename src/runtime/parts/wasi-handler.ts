import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TypedError } from "../function-error.ts";
import type { InvocationHandler } from "../runtime-api.ts";

interface WasiOptions {
  /** The module's environment variables: the function's own, unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the module sees as its arguments, behind its own name. */
  readonly args?: readonly string[];
}

/**
 * Compiles a WebAssembly module that is a WASI command (preview 1), once. Each invocation runs a fresh instance of it: the
 * event is its standard input, what it writes to standard output is the response, byte for byte, and standard error is
 * the function's log. An exit status other than 0 is a function error with the last line of standard error as its message;
 * a trap is one as well. The module sees no files, because Node keeps each folder that it is given open until the instance
 * is collected, and a thousand invocations would use up the descriptors. Rejects when the file is no such module.
 */
export async function wasiHandler(file: string, options: WasiOptions = {}): Promise<InvocationHandler> {
  const { WASI } = await quietly(() => import("node:wasi"));
  const module = await compile(file);
  const { env = process.env, args = [] } = options;
  return async ({ requestId, event, traceId }) => {
    using streams = new Streams(event);
    const trace = traceId === undefined ? {} : { _X_AMZN_TRACE_ID: traceId };
    const wasi = new WASI({
      version: "preview1",
      args: [file, ...args],
      env: { ...env, AWS_LAMBDA_REQUEST_ID: requestId, ...trace },
      stdin: streams.input,
      stdout: streams.output,
      stderr: streams.errors,
      returnOnExit: true,
    });
    const status = await run(module, wasi);
    const said = bytesOf(streams.errors);
    writeSync(2, said);
    if (status === 0) return bytesOf(streams.output);
    const lastLine = said.toString("utf8").trimEnd().split("\n").at(-1) ?? "";
    throw new TypedError("Runtime.ExitError", lastLine === "" ? `The module exited with status ${status}` : lastLine);
  };
}

/** Files that nobody else can open. Pipes would not do: the module runs on this thread, so nobody would empty them. */
class Streams {
  readonly input: number;
  readonly output: number;
  readonly errors: number;

  constructor(event: Uint8Array) {
    const folder = mkdtempSync(join(tmpdir(), "wasi-"));
    writeFileSync(join(folder, "event"), event);
    this.input = openSync(join(folder, "event"), "r");
    this.output = openSync(join(folder, "response"), "w+");
    this.errors = openSync(join(folder, "errors"), "w+");
    rmSync(folder, { recursive: true });
  }

  [Symbol.dispose](): void {
    for (const descriptor of [this.input, this.output, this.errors]) closeSync(descriptor);
  }
}

function bytesOf(descriptor: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(descriptor).size);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, at);
    if (read === 0) return bytes.subarray(0, at);
    at += read;
  }
  return bytes;
}

/** TypeScript has these only together with the names of a browser. */
interface WasmModule {
  readonly compiled: unique symbol;
}

interface Wasm {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: object): Promise<object>;
  readonly Module: { exports(module: WasmModule): readonly { readonly name: string; readonly kind: string }[] };
  readonly RuntimeError: typeof Error;
}

// as: the engine has it, in the shape of the specification.
const wasm = Reflect.get(globalThis, "WebAssembly") as Wasm;

type Wasi = InstanceType<typeof import("node:wasi").WASI>;

async function run(module: WasmModule, wasi: Wasi): Promise<number> {
  try {
    const instance = await wasm.instantiate(module, wasi.getImportObject());
    return Number(wasi.start(instance));
  } catch (error) {
    if (!(error instanceof wasm.RuntimeError)) throw error;
    throw new TypedError("Runtime.Trap", error.message, { cause: error });
  }
}

async function compile(file: string): Promise<WasmModule> {
  const bytes = await readFile(file).catch((cause) => {
    throw new TypedError("Runtime.ImportModuleError", `Cannot read the module "${file}": ${cause.message}`, { cause });
  });
  const module = await wasm.compile(bytes).catch((cause) => {
    throw new TypedError("Runtime.UserCodeSyntaxError", `"${file}" is no WebAssembly: ${cause.message}`, { cause });
  });
  if (wasm.Module.exports(module).some(({ name, kind }) => name === "_start" && kind === "function")) return module;
  throw new TypedError("Runtime.HandlerNotFound", `"${file}" is no WASI command: it exports no function "_start"`);
}

/** Node warns once that its WASI is experimental: in a function's log that is noise that its author cannot act on. */
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
