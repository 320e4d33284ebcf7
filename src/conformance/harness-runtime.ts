/** Runs a runtime in our emulator, with a tap between the two. The only file of this room that knows the emulator. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ExecutionEnvironment } from "../emulator/execution-environment.ts";
import { parseConfiguration } from "../emulator/function-configuration.ts";
import { isolationOfThisMachine } from "../emulator/supervisor/isolation.ts";
import { Processes } from "../emulator/supervisor/processes.ts";
import type { Supervisor, SupervisorEvents } from "../emulator/supervisor/supervisor.ts";
import { machineClock } from "../platform/clock.ts";
import { SocketTap } from "../platform/socket-tap.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { writeLauncher } from "./command-line.ts";
import { type Fixture, handlerFor } from "./fixture.ts";
import { within } from "./patience.ts";
import type { RuntimeCase, RuntimeMove } from "./runtime-case.ts";
import type { RuntimeEvidence, RuntimeExit } from "./runtime-evidence.ts";
import { FaultPlan } from "./service-fault.ts";
import { SubjectError } from "./verdict.ts";
import { WireLog } from "./wire-log.ts";
import { statusOf, targetOf, type WireExchange } from "./wire-message.ts";

/** A runtime to be judged. */
export interface RuntimeSubject {
  /** Absolute path of a program, and its arguments. */
  readonly command: readonly string[];
  readonly fixture: Fixture;
  /**
   * `paths`: folders of this machine, named by environment variables, which works everywhere. `mounts`: Lambda's own
   * `/var/task`, `/opt` and `/tmp`, which hide what this machine has there.
   */
  readonly folders: "paths" | "mounts";
}

/** How long an invocation may take. A subject is slow, not wrong, below that. */
const functionTimeoutMs = 15_000;

/** The environment ends every move before: Init after ten seconds, an invocation with its Init after the time-out. */
const moveLimitMs = 60_000;

/** A runtime that asks without end must not fill our memory; no case comes near it. */
const exchangesMax = 5_000;

const outputLinesMax = 200;

/** Lets the service make the moves of a case, in an environment of its own that is gone afterwards. */
export async function runRuntimeCase(
  subject: RuntimeSubject,
  testCase: RuntimeCase,
  signal: AbortSignal,
): Promise<RuntimeEvidence> {
  await using stage = await RuntimeStage.open(subject, testCase);
  for (const move of testCase.moves) {
    await within(moveLimitMs, signal, Promise.race([stage.perform(move), stage.cut]));
    if (stage.cutShort !== undefined || signal.aborted) break;
  }
  return stage.evidence();
}

class RuntimeStage implements AsyncDisposable {
  readonly #startedAt = machineClock.now();
  readonly #root = temporaryFolder("bootlace-conformance-");
  readonly #log = new WireLog((exchange) => this.#answered(exchange));
  readonly #exits: RuntimeExit[] = [];
  readonly #output: string[] = [];
  readonly #cut = Promise.withResolvers<void>();
  // Both are set by `open`, which is the only way to get a stage.
  #tap!: SocketTap;
  #environment!: ExecutionEnvironment;
  cutShort: string | undefined;

  private constructor() {}

  static async open(subject: RuntimeSubject, testCase: RuntimeCase): Promise<RuntimeStage> {
    const stage = new RuntimeStage();
    try {
      await stage.#open(subject, testCase);
      return stage;
    } catch (error) {
      stage.#root.remove();
      throw error;
    }
  }

  async #open(subject: RuntimeSubject, testCase: RuntimeCase): Promise<void> {
    const { fixture } = subject;
    const folders = { task: fixture.folder, opt: join(this.#root.path, "opt"), tmp: join(this.#root.path, "tmp") };
    mkdirSync(folders.opt);
    mkdirSync(folders.tmp, { mode: 0o1777 });
    writeLauncher(join(folders.opt, "bootstrap"), subject.command);
    const plan = new FaultPlan(testCase.faults ?? []);
    const isolation = isolationFor(subject);
    this.#environment = await ExecutionEnvironment.open({
      configuration: parseConfiguration({
        functionName: "conformance",
        handler: handlerFor(fixture, testCase.needs),
        memoryMb: 512,
        timeoutMs: functionTimeoutMs,
      }),
      folders,
      isolation,
      clock: machineClock,
      logStreamName: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
      observer: { log: ({ source, text }) => source !== "platform" && this.#print(text) },
      supervise: (events) => this.#supervise(events, (heard) => new Processes(isolation, folders, heard)),
    });
    this.#tap = await SocketTap.open({
      target: () => this.#environment.api,
      heard: (piece) => this.#log.exchanges.length < exchangesMax && this.#log.hear(piece),
      ...(testCase.faults === undefined ? {} : { edit: () => plan.editor() }),
    });
  }

  /** Resolves when no further move makes sense. */
  get cut(): Promise<void> {
    return this.#cut.promise;
  }

  async perform(move: RuntimeMove): Promise<void> {
    if (move.type === "init") return this.#environment.init();
    if (move.type === "watch") return new Promise((resolve) => setTimeout(resolve, move.ms));
    const { requestId, event, invocationId = `attempt-of-${requestId}`, traceId } = move;
    const result = this.#environment.invoke({
      requestId,
      invocationId,
      event: Buffer.from(event),
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:conformance",
      ...(traceId === undefined ? {} : { traceId }),
    });
    await result;
    await this.#environment.available();
  }

  evidence(): RuntimeEvidence {
    const { exchanges, faults } = this.#log;
    const cutShort = this.cutShort === undefined ? {} : { cutShort: this.cutShort };
    return {
      startedAt: this.#startedAt,
      exchanges: [...exchanges],
      faults: [...faults],
      exits: [...this.#exits],
      output: [...this.#output],
      ...cutShort,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#environment.close();
    await this.#tap.close();
    this.#root.remove();
  }

  /** Real processes, but pointed at the tap, told apart by their exits, and never frozen: a case must see all they do. */
  #supervise(events: SupervisorEvents, make: (events: SupervisorEvents) => Supervisor): Supervisor {
    const processes = make({
      ...events,
      exited: (name, exit) => {
        const how = exit.how === "code" ? { code: exit.code } : { signal: exit.signal };
        this.#exits.push({ at: machineClock.now(), how });
        events.exited(name, exit);
      },
    });
    return {
      start: ({ name, env }) => {
        const seen = { ...env, AWS_LAMBDA_RUNTIME_API: this.#tap.address };
        processes.start({ name, program: "/opt/bootstrap", env: seen });
      },
      signal: (name, signal) => processes.signal(name, signal),
      freeze: () => {},
      thaw: () => {},
      peakMemoryBytes: () => processes.peakMemoryBytes(),
      close: () => processes.close(),
    };
  }

  /** A refused request leaves the subject where no case goes on from: it would only wait for the time-out. */
  #answered({ request, answer }: WireExchange): void {
    const status = answer === undefined ? 0 : statusOf(answer);
    const { method, path } = targetOf(request);
    if (status >= 400) this.#stop(`the service refused ${method} ${path} with ${status}`);
    if (this.#log.exchanges.length >= exchangesMax) this.#stop(`there were ${exchangesMax} requests`);
  }

  #stop(reason: string): void {
    this.cutShort ??= reason;
    this.#cut.resolve();
  }

  #print(text: string): void {
    this.#output.push(text);
    if (this.#output.length > outputLinesMax) this.#output.shift();
  }
}

function isolationFor({ folders }: RuntimeSubject) {
  if (folders === "paths") return { kind: "none", reason: "the suite passes paths by environment variables" } as const;
  const isolation = isolationOfThisMachine();
  if (isolation.kind === "none")
    throw new SubjectError(`Cannot use Lambda's own paths on this machine (${isolation.reason}): leave out "--mounts"`);
  return isolation;
}
