import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionOptions } from "../../src/emulator/function-options.ts";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { LambdaService } from "../../src/emulator/lambda-service.ts";
import type { ProcessSpec, Supervisor, SupervisorEvents } from "../../src/emulator/supervisor/supervisor.ts";
import { type RawClient, rawClient, request } from "./raw-client.ts";

/** What a runtime that lives in the test is handed. */
export interface Handed {
  readonly requestId: string;
  readonly event: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Answers with a payload; throws to report an error with the message as its payload. */
export type Play = (handed: Handed, log: (text: string) => void) => string | Promise<string>;

/** A supervisor whose one process is a client in this process. */
class InProcessRuntime implements Supervisor {
  readonly #events: SupervisorEvents;
  readonly #play: Play;
  #client: RawClient | undefined;

  constructor(events: SupervisorEvents, play: Play) {
    this.#events = events;
    this.#play = play;
  }

  start({ env }: ProcessSpec): void {
    void this.#run(env);
  }

  signal(): void {
    this.#client?.socket.destroy();
    this.#events.exited("runtime", { how: "signal", signal: "killed" });
    this.#events.outputEnded("runtime");
  }

  freeze(): void {}
  thaw(): void {}
  close(): void {}

  peakMemoryBytes(): number {
    return 40 * 1024 * 1024;
  }

  async #run(env: Readonly<Record<string, string>>): Promise<void> {
    this.#client = await rawClient(env.AWS_LAMBDA_RUNTIME_API ?? "");
    while (true) {
      const event = await this.#client.write(request("GET /2018-06-01/runtime/invocation/next")).response();
      if (event === undefined) return;
      const headers = Object.fromEntries(event.lines.map((line) => headerOf(line)));
      const requestId = headers["lambda-runtime-aws-request-id"] ?? "";
      const [kind, body] = await this.#answer({ requestId, event: event.body.toString(), headers, env });
      this.#client.write(request(`POST /2018-06-01/runtime/invocation/${requestId}/${kind}`, {}, body));
      await this.#client.response();
    }
  }

  async #answer(handed: Handed): Promise<readonly [string, string]> {
    const log = (text: string) => this.#events.wrote("runtime", "stdout", Buffer.from(text));
    try {
      return ["response", await this.#play(handed, log)];
    } catch (error) {
      return ["error", error instanceof Error ? error.message : String(error)];
    }
  }
}

/** For the option `supervise`: processes of the function are this. */
export function inProcess(play: Play): (events: SupervisorEvents) => Supervisor {
  return (events) => new InProcessRuntime(events, play);
}

function headerOf(line: string): readonly [string, string] {
  const at = line.indexOf(": ");
  return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
}

/** The Lambda API of a function whose runtime is `play`, with a folder for its code that holds nothing. */
export class PlayedService {
  readonly lambda: LambdaFunction;
  readonly address: string;
  readonly #service: LambdaService;
  readonly #folder: string;

  constructor(lambda: LambdaFunction, service: LambdaService, address: string, folder: string) {
    this.lambda = lambda;
    this.address = address;
    this.#service = service;
    this.#folder = folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.close();
    await this.lambda.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export async function played(play: Play, options: Partial<FunctionOptions> = {}): Promise<PlayedService> {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-played-"));
  const lambda = await LambdaFunction.create({
    task: folder,
    functionName: "hello",
    isolation: { kind: "none", reason: "a test" },
    supervise: inProcess(play),
    ...options,
  });
  const service = new LambdaService(lambda);
  return new PlayedService(lambda, service, await service.listen(0), folder);
}
