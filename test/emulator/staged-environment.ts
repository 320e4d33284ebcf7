import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exit } from "../../src/core/environment/input.ts";
import type { ProcessName } from "../../src/core/environment/model.ts";
import type { LogLine } from "../../src/emulator/environment-log.ts";
import { ExecutionEnvironment } from "../../src/emulator/execution-environment.ts";
import { type FunctionConfigurationInput, parseConfiguration } from "../../src/emulator/function-configuration.ts";
import type { AcceptedInvocation, InvocationResult } from "../../src/emulator/invocation.ts";
import type { TakeStream } from "../../src/emulator/response-stream.ts";
import type { ProcessSpec, Supervisor, SupervisorEvents } from "../../src/emulator/supervisor/supervisor.ts";
import { machineClock } from "../../src/platform/clock.ts";
import type { InitializationType } from "../../src/protocol/initialization-type.ts";
import { type ProfileName, profiles } from "../../src/protocol/profile.ts";
import { exchange, rawClient, request } from "./raw-client.ts";

interface StageOptions {
  /** File names in /opt/extensions. */
  readonly extensions?: readonly string[];
  readonly timeoutMs?: number;
  readonly initTimeoutMs?: number;
  readonly configuration?: FunctionConfigurationInput;
  readonly profile?: ProfileName;
  readonly initializationType?: InitializationType;
  readonly concurrency?: number;
}

/** A real environment with real sockets in which no process runs: the test plays all parts. */
export class StagedEnvironment implements Supervisor {
  readonly log: LogLine[] = [];
  /** What the supervisor was told, such as `start runtime` and `SIGKILL extension:a`. */
  readonly told: string[] = [];
  readonly specs: ProcessSpec[] = [];
  /** How often each invocation was completed. */
  readonly completed = new Map<string, number>();
  /** Whether processes die of signals. */
  obeys = true;
  readonly #waiting = new Set<() => void>();
  readonly #alive = new Set<ProcessName>();
  readonly #folder: string;
  #events: SupervisorEvents | undefined;
  #environment: ExecutionEnvironment | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open({ timeoutMs = 5_000, initTimeoutMs, profile = "aws", ...options }: StageOptions): Promise<void> {
    const { configuration, initializationType = "on-demand", concurrency } = options;
    const folder = (name: string) => join(this.#folder, name);
    this.#environment = await ExecutionEnvironment.open({
      // Below what Lambda would take, so that a test need not wait for a second.
      configuration: { ...parseConfiguration({ functionName: "hello", ...configuration }), timeoutMs },
      profile: profiles[profile],
      initializationType,
      concurrency,
      folders: { task: folder("task"), opt: folder("opt"), tmp: folder("tmp") },
      isolation: { kind: "none", reason: "a test" },
      clock: machineClock,
      logStreamName: "2026/01/02/[$LATEST]0123",
      observer: {
        log: (line) => this.log.push(line),
        stepped: (_entry, effects) => {
          for (const effect of effects) if (effect.type === "complete-invocation") this.#count(effect.requestId);
          this.noteChange();
        },
      },
      supervise: (events) => {
        this.#events = events;
        return this;
      },
      ...(initTimeoutMs === undefined ? {} : { initTimeoutMs }),
    });
  }

  get environment(): ExecutionEnvironment {
    if (this.#environment === undefined) throw new Error("The environment is not open");
    return this.#environment;
  }

  get api(): string {
    return this.environment.api;
  }

  get lines(): readonly string[] {
    return this.log.map(({ text }) => text);
  }

  /** Hands in an invocation; the fields that a test does not care for are made up. */
  invoke(
    requestId: string,
    fields: Partial<AcceptedInvocation> = {},
    streamed?: TakeStream,
  ): Promise<InvocationResult> {
    const invocation = {
      requestId,
      invocationId: `attempt-of-${requestId}`,
      event: Buffer.from('{"n":1}'),
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:hello",
      ...fields,
    };
    return this.environment.invoke(invocation, streamed);
  }

  /** Waits for something that a step of the environment can bring about. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  alive(name: ProcessName): boolean {
    return this.#alive.has(name);
  }

  get anyAlive(): boolean {
    return this.#alive.size > 0;
  }

  /** Every process exits with code 0. */
  endProcesses(): void {
    for (const name of this.#alive) this.exit(name, { how: "code", code: 0 });
  }

  /** Plays an extension that registers for nothing and waits. */
  async extend(name: string): Promise<void> {
    await this.until(() => this.alive(`extension:${name}`));
    const register = request("POST /2020-01-01/extension/register", { "Lambda-Extension-Name": name }, "{}");
    const { lines } = await exchange(this.api, register);
    const identifier = lines[1]?.split(": ")[1] ?? "";
    const client = await rawClient(this.api);
    client.write(request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier }));
    await this.until(() => this.environment.state.extensions[name]?.at === "ready");
  }

  /** Plays a runtime that answers one invocation as it should. */
  async serve(requestId: string, body = '"done"'): Promise<void> {
    await exchange(this.api, request("GET /2018-06-01/runtime/invocation/next"));
    await exchange(this.api, request(`POST /2018-06-01/runtime/invocation/${requestId}/response`, {}, body));
  }

  exit(name: ProcessName, exit: Exit): void {
    if (!this.#alive.delete(name)) return;
    this.#events?.exited(name, exit);
    this.#events?.outputEnded(name);
  }

  wrote(name: ProcessName, chunk: string | Buffer, stream: "stdout" | "stderr" = "stdout"): void {
    this.#events?.wrote(name, stream, Buffer.from(chunk));
  }

  start(spec: ProcessSpec): void {
    this.specs.push(spec);
    this.told.push(`start ${spec.name}`);
    this.#alive.add(spec.name);
  }

  /** Every process obeys at once, or none does. */
  signal(name: ProcessName, signal: "SIGTERM" | "SIGKILL"): void {
    this.told.push(`${signal} ${name}`);
    if (this.obeys) this.exit(name, { how: "signal", signal: signal === "SIGKILL" ? "killed" : "terminated" });
  }

  freeze(): void {
    this.told.push("freeze");
  }

  thaw(): void {
    this.told.push("thaw");
  }

  peakMemoryBytes(): number {
    return 50 * 1024 * 1024;
  }

  close(): void {
    this.told.push("close");
  }

  noteChange(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.environment.close();
    this.endProcesses();
    await closed;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #count(requestId: string): void {
    this.completed.set(requestId, (this.completed.get(requestId) ?? 0) + 1);
  }
}

export async function staged(options: StageOptions = {}): Promise<StagedEnvironment> {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-stage-"));
  for (const name of ["task", "opt", "opt/extensions", "tmp"]) mkdirSync(join(folder, name));
  for (const name of options.extensions ?? []) writeFileSync(join(folder, "opt/extensions", name), "");
  const stage = new StagedEnvironment(folder);
  await stage.open(options);
  return stage;
}
