/** Runs a runtime in our emulator, with a tap between the two. The only file of this room that knows the emulator. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ExecutionEnvironment } from "../emulator/execution-environment.ts";
import { InvocationRefusedError } from "../emulator/invocation.ts";
import { journalOf, journalText } from "../emulator/journal.ts";
import { Processes } from "../emulator/supervisor/processes.ts";
import type { Supervisor, SupervisorEvents } from "../emulator/supervisor/supervisor.ts";
import { FaultInjector } from "../faults/fault-injector.ts";
import { machineClock } from "../platform/clock.ts";
import { SocketTap, type TapOptions, type Tapped } from "../platform/socket-tap.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { headerValues, statusOf, targetOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { writeLauncher } from "./command-line.ts";
import { connectionHolders } from "./connection-holders.ts";
import { eventBytes } from "./event-literal.ts";
import { type Fixture, handlerFor } from "./fixture.ts";
import { FramePipe } from "./frame-pipe.ts";
import type { CaseRecord } from "./kept-record.ts";
import { caseBudgetMs, within } from "./patience.ts";
import { idleProgramMs } from "./process-floor.ts";
import { largestProcess, sampleProcesses } from "./process-sample.ts";
import { ProcessorWait } from "./processor-wait.ts";
import type { EventFacts, RuntimeCase, RuntimeMove } from "./runtime-case.ts";
import type { ConnectionHolder, RuntimeEvidence } from "./runtime-evidence.ts";
import type { ProcessSample, SubjectExit } from "./subject-evidence.ts";
import { matching } from "./subject-finding.ts";
import { SubjectOutput } from "./subject-output.ts";
import { confinement, functionOf, isolationFor, logStreamName, modeOf, type SubjectFolders } from "./subject-place.ts";
import { WatchPoint } from "./watch-point.ts";
import { WireLog } from "./wire-log.ts";

/** A runtime to be judged. */
export interface RuntimeSubject {
  /** Absolute path of a program, and its arguments. */
  readonly command: readonly string[];
  readonly fixture: Fixture;
  readonly folders: SubjectFolders;
}

/** How long an invocation may take. A subject is slow, not wrong, below that. */
const functionTimeoutMs = 15_000;

/** As long as Init may take: by then a runtime asks for as many events as it ever will. */
const waitLimitMs = 10_000;

/** The environment ends every move before: Init after ten seconds, an invocation with its Init after the time-out. */
const moveLimitMs = 70_000;

/** A long series of events ends here; a slow subject is judged by fewer of them. */
const manyLimitMs = 40_000;

/** A runtime that asks without end must not fill our memory; no case comes near it. */
const exchangesMax = 5_000;

/** Lets the service make the moves of a case, in an environment of its own that is gone afterwards. */
export async function runRuntimeCase(
  subject: RuntimeSubject,
  testCase: RuntimeCase,
  signal: AbortSignal,
  timeScale = 1,
): Promise<{ readonly evidence: RuntimeEvidence; readonly record: CaseRecord }> {
  await using stage = await RuntimeStage.open(subject, testCase, timeScale);
  const budgetMs = caseBudgetMs(timeScale);
  const end = machineClock.now() + budgetMs;
  for (const move of testCase.moves) {
    const limitMs = Math.min(moveLimitMs, end - machineClock.now());
    await within(limitMs, signal, Promise.race([stage.perform(move), stage.cut]));
    if (machineClock.now() >= end) stage.stop(`the case had taken ${budgetMs / 1_000} seconds`);
    if (stage.cutShort !== undefined || signal.aborted) break;
  }
  return { evidence: stage.evidence(), record: stage.record() };
}

class RuntimeStage implements AsyncDisposable {
  readonly #case: RuntimeCase;
  readonly #timeScale: number;
  readonly #startedAt = machineClock.now();
  readonly #root = temporaryFolder("bootlace-conformance-");
  readonly #log = new WireLog((exchange) => this.#answered(exchange));
  readonly #exits: SubjectExit[] = [];
  readonly #output = new SubjectOutput();
  readonly #samples: ProcessSample[] = [];
  #many = { asked: 0, done: 0 };
  readonly #moments: { signal?: number; "close-api"?: number } = {};
  readonly #cut = Promise.withResolvers<void>();
  /** Whenever an answer came by or a process ended. */
  readonly #state = new WatchPoint();
  #holders: readonly ConnectionHolder[] | undefined;
  #printedWhileHeld: readonly string[] = [];
  #frames: FramePipe | undefined;
  #starts = 0;
  #floorMs = 0;
  #wait: ProcessorWait | undefined;
  // These are set by `open`, which is the only way to get a stage.
  #tap!: SocketTap;
  #tapOptions!: TapOptions;
  #address!: string;
  #late: Promise<void> | undefined;
  #environment!: ExecutionEnvironment;
  #processes!: Supervisor;
  cutShort: string | undefined;

  private constructor(testCase: RuntimeCase, timeScale: number) {
    this.#case = testCase;
    this.#timeScale = timeScale;
  }

  static async open(subject: RuntimeSubject, testCase: RuntimeCase, timeScale: number): Promise<RuntimeStage> {
    const stage = new RuntimeStage(testCase, timeScale);
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
    const plan = new FaultInjector({ seed: 1, faults: testCase.faults ?? [] });
    const isolation = isolationFor(subject.folders);
    const pipe = join(folders.opt, "frames");
    if (testCase.start?.descriptor !== undefined) this.#frames = new FramePipe(pipe);
    const seen = isolation.kind === "none" ? pipe : "/opt/frames";
    writeLauncher(join(folders.opt, "bootstrap"), subject.command, testCase.start, seen);
    this.#environment = await ExecutionEnvironment.open({
      configuration: functionOf(
        { handler: handlerFor(fixture, testCase.needs), timeoutMs: testCase.timeoutMs ?? functionTimeoutMs },
        testCase.environment?.type === "managed",
      ),
      folders,
      isolation,
      clock: machineClock,
      logStreamName,
      observer: {},
      changed: () => this.#state.changed(),
      ...modeOf(testCase.environment),
      supervise: (events) => this.#supervise(events, (heard) => new Processes(confinement(isolation, folders), heard)),
    });
    this.#tapOptions = {
      target: () => this.#environment.api,
      heard: (piece) => this.#hear(piece),
      ...(testCase.faults === undefined ? {} : { edit: (outlet) => plan.editor(outlet) }),
    };
    this.#tap = await SocketTap.open(this.#tapOptions);
    this.#address = this.#tap.address;
    if (testCase.apiAfterMs !== undefined) await this.#tap.close();
  }

  /** The subject has been started: the API comes late, at the address that it was told. */
  async #openLate(afterMs: number): Promise<void> {
    await pause(afterMs);
    this.#tap = await SocketTap.open({ ...this.#tapOptions, port: Number(this.#address.split(":")[1]) });
  }

  #hear(piece: Tapped): void {
    const before = this.#log.exchanges.length;
    if (before >= exchangesMax) return;
    this.#log.hear(piece);
    const asked = this.#log.exchanges[before];
    if (asked === undefined) return;
    this.#wait?.note(asked);
    this.#state.changed();
  }

  /** Resolves when no further move makes sense. */
  get cut(): Promise<void> {
    return this.#cut.promise;
  }

  async perform(move: RuntimeMove): Promise<void> {
    switch (move.type) {
      case "init":
        return this.#environment.init();
      case "watch":
        return pause(move.ms);
      case "invoke":
        return this.#invoke(move);
      case "deliver":
        // What becomes of it is for the moves that follow.
        void this.#invoke(move);
        return this.#state.until(() => this.#has(move.requestId));
      case "invoke-together":
        await this.#waiting(move.events.length, waitLimitMs);
        await Promise.all(move.events.map((event) => this.#invoke(event)));
        return;
      case "await-waiting":
        return this.#waiting(move.count, move.ms);
      case "invoke-many":
        return this.#invokeMany(move.count, move.event);
      case "await-asked":
        return this.#awaitAsked(move);
      case "freeze":
        this.#processes.freeze();
        await pause(move.ms);
        return this.#processes.thaw();
      case "signal":
        await this.#raiseFloor();
        this.#moments.signal = machineClock.now();
        return this.#processes.signal("runtime", move.signal);
      case "kill":
        this.#holders = connectionHolders(this.#mark, this.#address);
        this.#moments.signal = machineClock.now();
        return this.#processes.signal("runtime", "SIGKILL");
      case "kill-largest":
        return this.#killLargest();
      case "stop-reading":
        return this.#tap.read(false);
      case "read-on":
        this.#printedWhileHeld = this.#output.lines;
        return this.#tap.read(true);
      case "await-exit":
        await within(
          move.ms * this.#timeScale,
          never,
          this.#state.until(() => this.#exits.length > 0),
        );
        return this.#raiseFloor();
      case "close-api":
        this.#moments["close-api"] = machineClock.now();
        return this.#tap.close();
      default:
        return unreachable(move);
    }
  }

  async #invoke({ requestId, event, invocationId = `attempt-of-${requestId}`, traceId }: EventFacts): Promise<void> {
    const invoked = this.#environment.invoke({
      requestId,
      invocationId,
      event: eventBytes(event),
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:conformance",
      ...(traceId === undefined ? {} : { traceId }),
    });
    await invoked.catch((error) => {
      // A runtime that is not ready, or cannot be restored, gets no event: the wire says so.
      if (!(error instanceof InvocationRefusedError)) throw error;
    });
    await this.#environment.available();
  }

  #killLargest(): void {
    const pid = largestProcess(this.#mark);
    this.#moments.signal = machineClock.now();
    if (pid === undefined) this.#processes.signal("runtime", "SIGKILL");
    else process.kill(pid, "SIGKILL");
  }

  async #raiseFloor(): Promise<void> {
    this.#floorMs = Math.max(this.#floorMs, await idleProgramMs());
  }

  async #waiting(count: number, ms: number): Promise<void> {
    const waiting = () => {
      const { runtime } = this.#environment.state;
      return runtime.at === "serving" ? runtime.nextCalls.length : 0;
    };
    const ready = this.#state.until(() => waiting() >= count || this.#exits.length > 0);
    await within(ms * this.#timeScale, never, ready);
  }

  async #awaitAsked({ request, count, ms }: RuntimeMove & { type: "await-asked" }): Promise<void> {
    const wait = new ProcessorWait(this.#mark);
    this.#wait = wait;
    const over = () => this.#exits.length > 0 || matching(request, this.#log).length >= count;
    const look = (sliceMs: number) => within(sliceMs, never, this.#state.until(over));
    for (let leftMs = ms; leftMs > 0 && !over(); ) leftMs -= await wait.ownMs(look);
  }

  async #invokeMany(count: number, event: string): Promise<void> {
    const limitMs = manyLimitMs * this.#timeScale;
    const began = machineClock.now();
    for (let number = 1; number <= count && this.cutShort === undefined; number += 1) {
      await this.#invoke({ requestId: `one-of-many-${number}`, event });
      this.#many = { asked: count, done: number };
      const tookMs = machineClock.now() - began;
      if (this.#samples.length === 0 && (number >= count / 10 || tookMs > limitMs / 4)) this.#sample();
      if (this.#exits.length > 0 || tookMs > limitMs) break;
    }
    this.#sample();
  }

  #sample(): void {
    const sample = sampleProcesses(this.#mark);
    if (sample !== undefined) this.#samples.push(sample);
  }

  #has(requestId: string): boolean {
    // A refusal in place of the event is all that the runtime gets of it.
    const isIt = ({ answer }: WireExchange) =>
      answer !== undefined &&
      (statusOf(answer) >= 400 || headerValues(answer, "Lambda-Runtime-Aws-Request-Id")[0] === requestId);
    return this.#exits.length > 0 || this.#log.exchanges.some(isIt);
  }

  /** The variable that the processes of this environment carry, and no others. */
  get #mark(): string {
    return `AWS_LAMBDA_RUNTIME_API=${this.#address}`;
  }

  evidence(): RuntimeEvidence {
    const { exchanges, faults } = this.#log;
    const cutShort = this.cutShort === undefined ? {} : { cutShort: this.cutShort };
    return {
      startedAt: this.#startedAt,
      exchanges: [...exchanges],
      faults: [...faults],
      exits: [...this.#exits],
      starts: this.#starts,
      connections: this.#log.connections,
      moments: { ...this.#moments },
      floorMs: this.#floorMs,
      ...(this.#wait === undefined ? {} : { waitedMs: this.#wait.noted }),
      samples: [...this.#samples],
      many: this.#many,
      holders: this.#holders,
      printedWhileHeld: this.#printedWhileHeld,
      framed: this.#frames?.read() ?? Buffer.alloc(0),
      output: this.#output.lines,
      written: this.#output.written,
      ...cutShort,
    };
  }

  record(): CaseRecord {
    const { stdout, stderr } = this.#output;
    const journal = journalText(journalOf(this.#environment));
    return { startedAt: this.#startedAt, exchanges: this.#log.exchanges, stdout, stderr, journal };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#environment.close();
    await this.#late;
    await this.#tap.close();
    this.#frames?.[Symbol.dispose]();
    this.#root.remove();
  }

  /** Real processes, but pointed at the tap, told apart by their exits, and never frozen: a case must see all they do. */
  #supervise(events: SupervisorEvents, make: (events: SupervisorEvents) => Supervisor): Supervisor {
    const processes = make({
      ...events,
      wrote: (name, stream, chunk) => {
        this.#output.add(stream, chunk);
        events.wrote(name, stream, chunk);
      },
      exited: (name, exit) => {
        const how = exit.how === "code" ? { code: exit.code } : { signal: exit.signal };
        this.#exits.push({ at: machineClock.now(), how });
        this.#state.changed();
        events.exited(name, exit);
      },
    });
    this.#processes = processes;
    return {
      start: ({ name, env }) => {
        this.#starts += 1;
        const seen = { ...env, AWS_LAMBDA_RUNTIME_API: this.#address };
        if (this.#case.apiAfterMs !== undefined) this.#late ??= this.#openLate(this.#case.apiAfterMs);
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
    this.#state.changed();
    const status = answer === undefined ? 0 : statusOf(answer);
    const { method, path } = targetOf(request);
    if (status >= 400 && this.#case.goesOnRefused !== true)
      this.stop(`the service refused ${method} ${path} with ${status}`);
    if (this.#log.exchanges.length >= exchangesMax) this.stop(`there were ${exchangesMax} requests`);
  }

  /** Makes no further move. */
  stop(reason: string): void {
    this.cutShort ??= reason;
    this.#cut.resolve();
  }
}

const never = new AbortController().signal;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
