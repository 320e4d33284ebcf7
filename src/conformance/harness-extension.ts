/** Runs an extension under a service that is scripted by a case, with a tap between the two. */
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { processSpec } from "../emulator/process-spec.ts";
import type { Isolation } from "../emulator/supervisor/isolation.ts";
import { Processes } from "../emulator/supervisor/processes.ts";
import { FaultInjector } from "../faults/fault-injector.ts";
import { machineClock } from "../platform/clock.ts";
import { SocketTap } from "../platform/socket-tap.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { statusOf, targetOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { writeLauncher } from "./command-line.ts";
import type { DeliverMove, ExtensionCase, ExtensionMove, InvokeMove } from "./extension-case.ts";
import { invokeEvent, invokeHeaders, shutdownEvent, shutdownHeaders } from "./extension-event-literal.ts";
import type { Delivery, ExtensionEvidence } from "./extension-evidence.ts";
import { ExtensionService } from "./extension-service.ts";
import { filesIn, touchedFiles } from "./file-snapshot.ts";
import type { CaseRecord } from "./kept-record.ts";
import { caseBudgetMs, within } from "./patience.ts";
import { idleProgramMs } from "./process-floor.ts";
import { sampleProcesses } from "./process-sample.ts";
import type { ProcessSample, SubjectExit } from "./subject-evidence.ts";
import { SubjectOutput } from "./subject-output.ts";
import { confinement, functionOf, isolationFor, logStreamName, type SubjectFolders } from "./subject-place.ts";
import { telemetryBatch } from "./telemetry-batch.ts";
import { deliver, listensAt } from "./telemetry-destination.ts";
import { WatchPoint } from "./watch-point.ts";
import { WireLog } from "./wire-log.ts";

/** An extension to be judged. */
export interface ExtensionSubject {
  /** Absolute path of a program, and its arguments. */
  readonly command: readonly string[];
  /** The file's name under `/opt/extensions`, by which it has to register. */
  readonly name: string;
  /** A folder whose content becomes `/opt`. */
  readonly opt?: string;
  /** Variables that its function has. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly folders: SubjectFolders;
}

/** Lambda's own limit for Init, and what an event gets whose deadline does not matter. */
const initLimitMs = 10_000;
const eventLimitMs = 5_000;

/** How long a process may take to be gone when it is killed. */
const goneLimitMs = 3_000;

/** An extension that asks without end must not fill our memory; no case comes near it. */
const exchangesMax = 2_000;

/** Lets the service make the moves of a case, with processes of its own that are gone afterwards. */
export async function runExtensionCase(
  subject: ExtensionSubject,
  testCase: ExtensionCase,
  signal: AbortSignal,
  timeScale: number,
): Promise<{ readonly evidence: ExtensionEvidence; readonly record: CaseRecord }> {
  await using stage = await ExtensionStage.open(subject, testCase, signal, timeScale);
  const budgetMs = caseBudgetMs(timeScale);
  const late = setTimeout(() => stage.stop(`the case had taken ${budgetMs / 1_000} seconds`), budgetMs);
  try {
    for (const move of testCase.moves) {
      // Whoever was refused something may still end as it should.
      if (stage.cutShort !== undefined && move.type !== "await-exit") continue;
      if (signal.aborted) break;
      await stage.perform(move);
    }
  } finally {
    clearTimeout(late);
  }
  return { evidence: stage.evidence(), record: stage.record() };
}

class ExtensionStage implements AsyncDisposable {
  readonly #subject: ExtensionSubject;
  readonly #case: ExtensionCase;
  readonly #signal: AbortSignal;
  readonly #timeScale: number;
  readonly #internal: boolean;
  readonly #root = temporaryFolder("bootlace-conformance-");
  readonly #log = new WireLog((exchange) => this.#answered(exchange));
  readonly #output = new SubjectOutput();
  readonly #exits: SubjectExit[] = [];
  readonly #samples: ProcessSample[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #moments: { signal?: number; "close-api"?: number; cut?: number } = {};
  readonly #journal: object[] = [];
  readonly #isolation: Isolation;
  #startedAt = machineClock.now();
  #running = false;
  #starts = 0;
  #floorMs = 0;
  #filesBefore: ReadonlyMap<string, string> = new Map();
  readonly #state = new WatchPoint();
  // These are set by `open`, which is the only way to get a stage.
  #service!: ExtensionService;
  #tap!: SocketTap;
  #processes!: Processes;
  cutShort: string | undefined;

  private constructor(subject: ExtensionSubject, testCase: ExtensionCase, signal: AbortSignal, timeScale: number) {
    this.#subject = subject;
    this.#case = testCase;
    this.#signal = signal;
    this.#timeScale = timeScale;
    this.#isolation = isolationFor(subject.folders);
    this.#internal = testCase.declares === "internal";
  }

  static async open(
    subject: ExtensionSubject,
    testCase: ExtensionCase,
    signal: AbortSignal,
    timeScale: number,
  ): Promise<ExtensionStage> {
    const stage = new ExtensionStage(subject, testCase, signal, timeScale);
    try {
      await stage.#open();
      return stage;
    } catch (error) {
      stage.#root.remove();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const subject = this.#subject;
    const { task, opt, tmp } = this.#folders;
    mkdirSync(task);
    mkdirSync(tmp, { mode: 0o1777 });
    if (subject.opt !== undefined) cpSync(subject.opt, opt, { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(opt, "extensions"), { recursive: true });
    if (subject.opt === undefined) {
      writeLauncher(join(opt, this.#internal ? "bootstrap" : `extensions/${subject.name}`), subject.command);
    }
    this.#filesBefore = filesIn([task, opt]);
    this.#service = await ExtensionService.open({
      name: subject.name,
      answers: this.#case.answers ?? [],
      changed: () => this.#state.changed(),
      listens: listensAt,
    });
    const plan = new FaultInjector({ seed: 1, faults: this.#case.faults ?? [] });
    this.#tap = await SocketTap.open({
      target: () => this.#service.address,
      heard: (piece) => this.#log.exchanges.length < exchangesMax && this.#log.hear(piece),
      ...(this.#case.faults === undefined ? {} : { edit: (outlet) => plan.editor(outlet) }),
    });
    this.#processes = new Processes(confinement(this.#isolation, this.#folders), {
      exited: (_, exit) => this.#exited(exit.how === "code" ? { code: exit.code } : { signal: exit.signal }),
      startFailed: (_, reason) => this.stop(`it could not be started: ${reason}`),
      outputEnded: () => {},
      wrote: (_, stream, chunk) => this.#output.add(stream, chunk),
    });
  }

  async perform(move: ExtensionMove): Promise<void> {
    this.#note(move);
    switch (move.type) {
      case "start":
        return this.#start(() => this.#log.exchanges.some(({ answer }) => answer !== undefined));
      case "init":
        return this.#start(() => (this.#internal ? this.#service.runtimeWaits : this.#service.extensionWaits));
      case "watch":
        return this.#pause(move.ms);
      case "invoke":
        return this.#invoke(move);
      case "invoke-many":
        return this.#invokeMany(move.count);
      case "event":
        return this.#send(JSON.stringify(move.event), invokeHeaders());
      case "shutdown":
        return this.#shutDown(move);
      case "freeze":
        this.#processes.freeze();
        await this.#pause(move.ms);
        return this.#processes.thaw();
      case "signal":
        await this.#raiseFloor();
        this.#moments.signal = machineClock.now();
        return this.#processes.signal(this.#process, move.signal);
      case "await-exit":
        return this.#awaitExit(move.ms);
      case "cut":
        this.#moments.cut = machineClock.now();
        return this.#tap.cut();
      case "close-api":
        this.#moments["close-api"] = machineClock.now();
        return this.#tap.close();
      case "deliver":
        return this.#deliver(move);
      default:
        return unreachable(move);
    }
  }

  evidence(): ExtensionEvidence {
    const { exchanges, faults } = this.#log;
    const { task, opt } = this.#folders;
    return {
      startedAt: this.#startedAt,
      exchanges: [...exchanges],
      faults: [...faults],
      exits: [...this.#exits],
      starts: this.#starts,
      connections: this.#log.connections,
      moments: { ...this.#moments },
      floorMs: this.#floorMs,
      samples: [...this.#samples],
      output: this.#output.lines,
      written: this.#output.written,
      fileName: this.#subject.name,
      deliveries: [...this.#deliveries],
      printed: this.#output.count,
      listened: [...this.#service.listened],
      touched: touchedFiles(this.#filesBefore, filesIn([task, opt])),
      ...(this.cutShort === undefined ? {} : { cutShort: this.cutShort }),
    };
  }

  record(): CaseRecord {
    const { stdout, stderr } = this.#output;
    const journal = this.#journal.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    return { exchanges: this.#log.exchanges, startedAt: this.#startedAt, stdout, stderr, journal };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#processes.close();
    await this.#tap.close();
    await this.#service.close();
    this.#root.remove();
  }

  get #folders() {
    const { path } = this.#root;
    return { task: join(path, "task"), opt: join(path, "opt"), tmp: join(path, "tmp") };
  }

  get #process(): ProcessName {
    return this.#internal ? "runtime" : `extension:${this.#subject.name}`;
  }

  async #start(done: () => boolean): Promise<void> {
    if (this.#running) await this.#kill();
    this.#service.forget();
    const spec = processSpec(
      this.#process,
      { configuration, folders: this.#folders, isolation: this.#isolation, logStreamName },
      this.#tap.address,
      "",
    );
    const changes = Object.entries(this.#case.variables ?? {});
    const variables = new Map<string, string | null>([
      ...Object.entries(spec.env),
      ...Object.entries(this.#subject.variables ?? {}),
      ...changes,
    ]);
    const env = Object.fromEntries([...variables].flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
    this.#floorMs = await idleProgramMs();
    if (this.#starts === 0) this.#startedAt = machineClock.now();
    this.#starts += 1;
    this.#running = true;
    this.#processes.start({ ...spec, env });
    await this.#until(initLimitMs * this.#timeScale, () => !this.#running || done());
  }

  async #invoke(move: InvokeMove): Promise<void> {
    await this.#send(invokeEvent(move), invokeHeaders());
    // What the machine was busy with is nobody's fault.
    if (move.deadlineInMs !== undefined) await this.#raiseFloor();
  }

  async #awaitExit(ms: number): Promise<void> {
    const ended = this.#state.until(() => !this.#running);
    await within(ms * this.#timeScale, this.#signal, ended);
    await this.#raiseFloor();
  }

  async #raiseFloor(): Promise<void> {
    this.#floorMs = Math.max(this.#floorMs, await idleProgramMs());
  }

  async #send(event: string, headers: Readonly<Record<string, string>>): Promise<void> {
    if (!this.#service.extensionWaits) return this.stop("the extension did not wait for an event");
    this.#service.send(event, headers);
    await this.#until(eventLimitMs * this.#timeScale, () => !this.#running || this.#service.extensionWaits);
  }

  async #invokeMany(count: number): Promise<void> {
    for (let number = 1; number <= count && this.cutShort === undefined && this.#running; number += 1) {
      await this.perform({ type: "invoke", requestId: `one-of-many-${number}` });
      if (number === Math.ceil(count / 10) || number === count) this.#sample();
    }
  }

  async #shutDown({ reason, deadlineInMs }: ExtensionMove & { type: "shutdown" }): Promise<void> {
    const limitMs = deadlineInMs * this.#timeScale;
    if (!this.#service.extensionWaits) return this.stop("the extension did not wait for an event");
    this.#service.send(shutdownEvent(reason, limitMs), shutdownHeaders);
    // As much longer as the judge allows it for a slow machine.
    await this.#until(limitMs + 2 * this.#floorMs, () => !this.#running);
    if (this.#running) await this.#kill();
  }

  async #deliver({ batch, sequenceId = randomUUID(), pieces = 1 }: DeliverMove): Promise<void> {
    const { destination } = this.#service;
    if (destination === undefined) return this.stop("nobody has subscribed to telemetry");
    const at = machineClock.now();
    const printedBefore = this.#output.count;
    const events = telemetryBatch(batch, Date.now());
    const refused = await deliver(destination, { events, sequenceId, pieces }, eventLimitMs * this.#timeScale);
    const tookMs = machineClock.now() - at;
    this.#deliveries.push({ at, tookMs, outcome: refused === undefined ? "taken" : { refused }, printedBefore });
  }

  async #kill(): Promise<void> {
    this.#processes.signal(this.#process, "SIGKILL");
    await this.#until(goneLimitMs, () => !this.#running);
  }

  #exited(how: SubjectExit["how"]): void {
    this.#exits.push({ at: machineClock.now(), how });
    this.#note({ type: "exited", how });
    this.#running = false;
    this.#state.changed();
  }

  /** A refused request leaves the subject where no case goes on from, unless the case itself refuses it. */
  #answered({ request, answer }: WireExchange): void {
    const status = answer === undefined ? 0 : statusOf(answer);
    const { method, path } = targetOf(request);
    const scripted = this.#case.answers?.some(({ to }) => to.method === method && to.path === path);
    // Without telemetry an extension can go on.
    const fatal = status >= 400 && scripted !== true && method !== "PUT";
    if (fatal) this.stop(`the service refused ${method} ${path} with ${status}`);
    if (this.#log.exchanges.length >= exchangesMax) this.stop(`there were ${exchangesMax} requests`);
    this.#state.changed();
  }

  #sample(): void {
    const sample = sampleProcesses(`AWS_LAMBDA_RUNTIME_API=${this.#tap.address}`);
    if (sample !== undefined) this.#samples.push(sample);
  }

  async #pause(ms: number): Promise<void> {
    await this.#until(ms, () => false);
  }

  /** Until the condition holds, the time is up, or no further move makes sense. */
  async #until(limitMs: number, condition: () => boolean): Promise<void> {
    const either = this.#state.until(() => condition() || this.cutShort !== undefined);
    await within(limitMs, this.#signal, either);
  }

  /** Makes no further move. */
  stop(reason: string): void {
    this.cutShort ??= reason;
    this.#state.changed();
  }

  #note(event: object): void {
    this.#journal.push({ at: Math.round(machineClock.now() - this.#startedAt), ...event });
  }
}

type ProcessName = Parameters<Processes["signal"]>[0];

const configuration = functionOf({});
