import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { plain } from "../platform/raw-server.ts";
import { headersOf } from "./bootstrap-process.ts";
import { type Peer, PeerServer } from "./peer.ts";

const root = join(import.meta.dirname, "../..");

interface Script {
  /** A folder of test/fixtures/handlers, or a path. */
  readonly task: string;
  readonly handler?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

/** A real `bootstrap` whose connections a test handles byte by byte. */
export class PeerProcess {
  readonly server: PeerServer;
  readonly child: ChildProcess;
  output = "";
  readonly #waiting = new Set<() => void>();

  constructor(
    server: PeerServer,
    authority: string,
    { task, handler = "index.handler", env = {}, nodeOptions = [] }: Script,
  ) {
    this.server = server;
    this.child = spawn(process.execPath, [...nodeOptions, join(root, "src/runtime/main.ts")], {
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        AWS_LAMBDA_RUNTIME_API: authority,
        LAMBDA_TASK_ROOT: resolve(root, "test/fixtures/handlers", task),
        _HANDLER: handler,
        ...env,
      },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (text) => {
        this.output += text;
        for (const look of this.#waiting) look();
      });
    }
  }

  /** The next connection that the runtime opens. */
  peer(): Promise<Peer> {
    return this.server.peer();
  }

  /** Waits until what the process wrote matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
      this.#waiting.clear();
    }
  }

  async exit(): Promise<number | string | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return this.child.exitCode ?? this.child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.server[Symbol.asyncDispose]();
  }
}

export async function peerProcess(script: Script): Promise<PeerProcess> {
  const server = new PeerServer();
  return new PeerProcess(server, await server.listen(), script);
}

/** Reads a `next` and answers it with an event. */
export async function deliver(peer: Peer, requestId: string, event: unknown, headers = ""): Promise<void> {
  const { line } = await peer.request();
  if (line !== "GET /2018-06-01/runtime/invocation/next HTTP/1.1") throw new Error(`Expected a next, but got: ${line}`);
  peer.write(plain(200, JSON.stringify(event), headersOf(requestId, headers)));
}

export const accepted = plain(202, '{"status":"OK"}\n');
