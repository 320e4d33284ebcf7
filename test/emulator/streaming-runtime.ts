import { mkdtempSync, rmSync } from "node:fs";
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import type { StreamPace } from "../../src/emulator/stream-pace.ts";
import type { ProcessSpec, Supervisor, SupervisorEvents } from "../../src/emulator/supervisor/supervisor.ts";

/** What the event tells the runtime to stream. */
export interface Streamed {
  readonly chunks?: readonly string[];
  readonly type?: string;
  /** JSON that goes before the chunks, with eight NULs behind it. */
  readonly prelude?: object;
  readonly mebibytes?: number;
  /** Trailers with an error of this type. */
  readonly fail?: string;
  /** What happens in place of the end of the body. */
  readonly instead?: "cut" | "hang";
  /** Answers without the streaming mode. */
  readonly buffered?: string;
}

/** A function whose runtime lives in this process and streams what its events say. */
export async function streamingFunction(
  timeoutMs = 10_000,
  streamPace?: StreamPace,
): Promise<LambdaFunction & AsyncDisposable> {
  const task = mkdtempSync(join(tmpdir(), "streaming-"));
  const supervise = streamingSupervisor;
  const lambda = await LambdaFunction.create({ task, functionName: "hello", timeoutMs, supervise, streamPace });
  const close = lambda.close.bind(lambda);
  lambda.close = () => close().finally(() => rmSync(task, { recursive: true, force: true }));
  return lambda;
}

export function streamingSupervisor(events: SupervisorEvents): Supervisor {
  return new StreamingRuntime(events);
}

class StreamingRuntime implements Supervisor {
  readonly #events: SupervisorEvents;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(events: SupervisorEvents) {
    this.#events = events;
  }

  start({ env }: ProcessSpec): void {
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#run(env.AWS_LAMBDA_RUNTIME_API ?? "").catch(() => {
      // Its connection ended, as when it is killed.
    });
  }

  signal(): void {
    this.#agent.destroy();
    this.#events.exited("runtime", { how: "signal", signal: "killed" });
  }

  freeze(): void {}
  thaw(): void {}
  close(): void {}

  peakMemoryBytes(): undefined {
    return undefined;
  }

  async #run(authority: string): Promise<void> {
    for (;;) {
      const next = await this.#call(authority, "GET", "invocation/next", {}, (request) => request.end());
      const id = next.headers["lambda-runtime-aws-request-id"];
      await this.#answer(authority, `invocation/${id}/response`, JSON.parse(next.body));
    }
  }

  async #answer(authority: string, path: string, event: Streamed): Promise<void> {
    if (event.buffered !== undefined) {
      await this.#call(authority, "POST", path, {}, (request) => request.end(event.buffered));
      return;
    }
    const headers = {
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      "Content-Type": event.type ?? "text/plain",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    };
    const sent = this.#call(authority, "POST", path, headers, (request) => void write(request, event));
    await (event.instead === "cut" ? sent.catch(() => {}) : sent);
  }

  #call(
    authority: string,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    send: (request: ClientRequest) => void,
  ): Promise<{ readonly headers: IncomingMessage["headers"]; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const url = `http://${authority}/2018-06-01/runtime/${path}`;
      const request = httpRequest(url, { agent: this.#agent, method, headers }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () => resolve({ headers: response.headers, body }));
      });
      request.on("error", reject);
      send(request);
    });
  }
}

async function write(request: ClientRequest, event: Streamed): Promise<void> {
  if (event.prelude !== undefined)
    request.write(Buffer.concat([Buffer.from(JSON.stringify(event.prelude)), Buffer.alloc(8)]));
  for (const chunk of event.chunks ?? []) request.write(chunk);
  for (let index = 0; index < (event.mebibytes ?? 0); index += 1) {
    if (!request.write(Buffer.alloc(1_048_576, "a"))) await new Promise((resolve) => request.once("drain", resolve));
  }
  if (event.instead === "hang") return;
  // The pieces are on their way before the connection ends.
  if (event.instead === "cut") return void request.write("", () => request.destroy());
  if (event.fail !== undefined) request.addTrailers(trailers(event.fail));
  request.end();
}

function trailers(errorType: string): Readonly<Record<string, string>> {
  const body = Buffer.from(JSON.stringify({ errorType, errorMessage: "late" })).toString("base64");
  return { "Lambda-Runtime-Function-Error-Type": errorType, "Lambda-Runtime-Function-Error-Body": body };
}
