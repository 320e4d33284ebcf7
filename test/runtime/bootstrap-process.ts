import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { plain, type RawRequest, type RawServer, rawServer } from "../platform/raw-server.ts";

const root = join(import.meta.dirname, "../..");

/** One answer of the scripted API: the event's body, and header lines that end in CRLF. */
export interface ScriptedEvent {
  readonly body: string;
  readonly headers?: string;
}

interface Script {
  readonly events?: readonly ScriptedEvent[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers a POST; 202 unless said otherwise. */
  readonly answer?: (request: RawRequest) => string;
}

/** A real `bootstrap` process and the API that it talks to. */
export class BootstrapProcess {
  readonly server: RawServer;
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #waiting = new Set<() => void>();

  constructor(server: RawServer, { args = [], env = {} }: Script) {
    this.server = server;
    this.child = spawn(process.execPath, [join(root, "src/runtime/main.ts"), ...args], {
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      env: { AWS_LAMBDA_RUNTIME_API: server.authority, LAMBDA_TASK_ROOT: taskRoot, _HANDLER: "index.handler", ...env },
    });
    this.child.stdout?.on("data", (text) => {
      this.stdout += text;
      this.noteChange();
    });
    this.child.stderr?.on("data", (text) => {
      this.stderr += text;
      this.noteChange();
    });
  }

  get posts(): readonly RawRequest[] {
    return this.server.requests.filter(({ line }) => line.startsWith("POST"));
  }

  /** The n-th POST, from 1, as soon as it is there. */
  async post(nth: number): Promise<RawRequest> {
    await this.until(() => this.posts.length >= nth);
    const request = this.posts[nth - 1];
    if (request === undefined) throw new Error(`There is no POST ${nth}`);
    return request;
  }

  /** Waits for something that output or a request can bring about. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async exit(): Promise<number | string | null> {
    const [code, signal] =
      this.child.exitCode === null && this.child.signalCode === null
        ? await once(this.child, "close")
        : [this.child.exitCode, this.child.signalCode];
    return code ?? signal;
  }

  /** Looks again at what `until` waits for. */
  noteChange(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.server[Symbol.asyncDispose]();
  }
}

const taskRoot = join(root, "test/fixtures/handlers/process");

/** Starts `bootstrap` against an API that gives out `events` and then keeps `next` open. */
export async function bootstrap(script: Script): Promise<BootstrapProcess> {
  const events = [...(script.events ?? [])];
  const holder: { process?: BootstrapProcess } = {};
  const server = await rawServer((request) => {
    const event = request.line.startsWith("GET") ? events.shift() : undefined;
    if (event !== undefined) request.socket.write(plain(200, event.body, event.headers));
    else if (!request.line.startsWith("GET")) request.socket.write(script.answer?.(request) ?? accepted);
    holder.process?.noteChange();
  });
  holder.process = new BootstrapProcess(server, script);
  return holder.process;
}

/** Header lines of an event for the runtime. */
export function headersOf(requestId: string, rest = ""): string {
  return `lambda-runtime-AWS-request-id: ${requestId}\r\nLambda-Runtime-Deadline-Ms: ${Date.now() + 3_000}\r\n${rest}`;
}

const accepted = plain(202, '{"status":"OK"}\n');
