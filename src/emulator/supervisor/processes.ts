import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { ProcessName, ProcessorShare } from "../../core/environment/model.ts";
import { machineClock } from "../../platform/clock.ts";
import { onThisMachine, programProblem } from "../programs.ts";
import type { Cell } from "./cell.ts";
import type { Group } from "./cgroup.ts";
import { type CommandLine, confined, unconfined } from "./command-line.ts";
import { type Confinement, cellOf, confinesOf, groupOf, processorsOf } from "./confinement.ts";
import { exitOf } from "./exit.ts";
import { Freezer } from "./freezer.ts";
import type { Door } from "./network.ts";
import { childrenOf, peakBytesOf, programsAmong } from "./process-table.ts";
import { signalGroup, signalOne } from "./signals.ts";
import { killStrays } from "./strays.ts";
import type { ProcessSpec, Supervisor, SupervisorEvents } from "./supervisor.ts";

/** Supervisors with processes; whatever ends this process ends those too. */
const open = new Set<Processes>();
let watching = false;
let count = 0;

/** How long an output may stay open when its process is gone. */
const outputTimeoutMs = 1_000;

/** Real processes, each the leader of a process group, so that its children share its fate. */
export class Processes implements Supervisor {
  readonly #confinement: Confinement;
  readonly #events: SupervisorEvents;
  readonly #cell: Cell | undefined;
  readonly #group: Group | undefined;
  readonly #freezer: Freezer;
  readonly #running = new Map<ProcessName, Running>();
  readonly #programs = new WeakMap<ChildProcess, number>();
  /** Those whose outputs somebody still holds. */
  readonly #heard = new Set<ChildProcess>();
  #leader: number | undefined;
  /** The address of their API, which also tells our processes from all others. */
  #api = "";

  constructor(confinement: Confinement, events: SupervisorEvents) {
    this.#confinement = confinement;
    this.#events = events;
    this.#group = groupOf(confinement, `environment-${process.pid}-${count++}`);
    this.#cell = cellOf(confinement, this.#group);
    this.#freezer = new Freezer({
      group: this.#group,
      now: () => machineClock.now(),
      processes: () => this.#processes(),
      groups: () => [...this.#running.values()].flatMap(({ child }) => child ?? []),
      api: () => this.#api,
      found: (lost) => this.#events.lostWork?.(lost),
    });
    open.add(this);
    closeAllAtExit();
  }

  async door(): Promise<Door | undefined> {
    return this.#cell?.door();
  }

  start(spec: ProcessSpec): void {
    const { name, program, env } = spec;
    const problem = programProblem(program, this.#confinement.folders);
    if (problem !== undefined) return this.#events.startFailed(name, problem);
    this.#api = env.AWS_LAMBDA_RUNTIME_API ?? "";
    const running: Running = { child: undefined };
    this.#running.set(name, running);
    if (this.#cell === undefined) {
      this.#spawn(name, running, unconfined(onThisMachine(program, this.#confinement.folders), env));
    } else void this.#enter(spec, running, this.#cell);
  }

  signal(name: ProcessName, signal: "SIGTERM" | "SIGKILL"): void {
    this.#freezer.thaw();
    const running = this.#running.get(name);
    if (running === undefined) return;
    if (running.child !== undefined) return signalProgram(running.child, this.#programOf(running.child), signal);
    // It has not begun, and now it never will.
    this.#running.delete(name);
    queueMicrotask(() => {
      this.#endGenerationIfEmpty();
      this.#events.outputEnded(name);
      this.#events.exited(name, { how: "signal", signal: signal === "SIGKILL" ? "killed" : "terminated" });
    });
  }

  freeze(): void {
    this.#freezer.freeze();
  }

  thaw(): void {
    this.#freezer.thaw();
  }

  settled(): Promise<void> {
    return this.#freezer.settled();
  }

  processors(share: ProcessorShare): void {
    const { processors, memoryMb } = this.#confinement;
    if (processors === "share") this.#group?.limitProcessors(share === "all" ? "all" : processorsOf(memoryMb));
  }

  peakMemoryBytes(): number | undefined {
    // Of a process that the kernel has killed for want of memory nothing can be read: it has used all there was.
    if ((this.#group?.outOfMemoryKills() ?? 0) > 0) return this.#confinement.memoryMb * 1024 * 1024;
    const peaks = this.#processes().map(({ pid }) => peakBytesOf(pid));
    const known = peaks.filter((peak) => peak !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, peak) => sum + peak, 0);
  }

  async close(): Promise<void> {
    this.kill();
    await this.#cell?.close();
    for (const child of this.#heard) await outputClosed(child);
    // The last to be collected may take a moment.
    for (let turns = 0; this.#group?.remove() === false && turns < 1_000; turns++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** What can be done at once. */
  kill(): void {
    this.#freezer.close();
    this.#cell?.kill();
    for (const { child } of this.#running.values()) if (child !== undefined) signalGroup(child.pid, "SIGKILL");
    this.#killStrays();
    // A pipe that a stranger holds open would keep our own process from ending.
    for (const child of this.#heard) for (const output of [child.stdout, child.stderr]) output?.destroy();
    open.delete(this);
  }

  /** Whoever brings it in begins while the cell is being made, and waits where it needs a part that is not there yet. */
  async #enter({ name, program, env }: ProcessSpec, running: Running, cell: Cell): Promise<void> {
    const { leader, mounted } = cell.generation();
    const confines = { ...confinesOf(this.#confinement, this.#group), entrance: cell.entrance, root: cell.rootPath };
    const child = this.#spawn(name, running, confined(confines, program, env), mounted);
    try {
      this.#leader = await leader;
      child.stdin?.write(`${this.#leader}\n`);
      await mounted;
      child.stdin?.end("\n");
    } catch (error) {
      signalGroup(child.pid, "SIGKILL");
      if (this.#running.get(name) !== running) return;
      this.#running.delete(name);
      this.#events.startFailed(name, error instanceof Error ? error.message : String(error));
    }
  }

  /** Its end is told when it could have begun. */
  #spawn(name: ProcessName, running: Running, line: CommandLine, begun?: Promise<void>): ChildProcess {
    const child = spawn(line.command, line.args, {
      cwd: this.#cell === undefined ? this.#confinement.folders.task : "/",
      env: line.env,
      detached: true,
      stdio: [begun === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    running.child = child;
    // It may end before it has heard of its cell.
    child.stdin?.on("error", () => {});
    this.#listen(name, child, begun);
    return child;
  }

  #listen(name: ProcessName, child: ChildProcess, begun: Promise<void> | undefined): void {
    this.#heard.add(child);
    child.stdout?.on("data", (chunk) => this.#events.wrote(name, "stdout", chunk));
    child.stderr?.on("data", (chunk) => this.#events.wrote(name, "stderr", chunk));
    child.once("close", () => {
      this.#heard.delete(child);
      this.#events.outputEnded(name);
    });
    child.once("error", (error) => this.#ended(name, child) && this.#events.startFailed(name, error.message));
    child.once("exit", async (code, signal) => {
      const output = outputClosed(child);
      await begun?.catch(() => {});
      if (!this.#ended(name, child)) return;
      await output;
      this.#events.exited(name, exitOf(code, signal));
    });
  }

  /** Whether `child` was the one that ran under `name`; what is left of its group, or of all groups, goes with it. */
  #ended(name: ProcessName, child: ChildProcess): boolean {
    signalGroup(child.pid, "SIGKILL");
    const known = this.#running.get(name)?.child === child && this.#running.delete(name);
    this.#endGenerationIfEmpty();
    return known;
  }

  #endGenerationIfEmpty(): void {
    if (this.#running.size > 0) return;
    this.#freezer.thaw();
    this.#cell?.endGeneration();
    this.#leader = undefined;
    this.#killStrays();
  }

  #killStrays(): void {
    if (this.#cell === undefined && this.#api !== "") killStrays(`AWS_LAMBDA_RUNTIME_API=${this.#api}`);
  }

  /** Who brings a program into a cell has no other child, and waits for it: what was found once stays true. */
  #programOf(child: ChildProcess): number | undefined {
    if (this.#cell === undefined || child.pid === undefined) return child.pid;
    const program = this.#programs.get(child) ?? childrenOf(child.pid)[0];
    if (program !== undefined) this.#programs.set(child, program);
    return program;
  }

  /** All of them, those that we have started with the name of their owner. */
  #processes() {
    const owners = new Map<number, string>();
    for (const [name, { child }] of this.#running) {
      const pid = child && this.#programOf(child);
      if (pid !== undefined) owners.set(pid, ownerOf(name));
    }
    const others = this.#group?.members() ?? (this.#leader === undefined ? [] : programsAmong(this.#leader));
    const pids = new Set([...owners.keys(), ...others]);
    return [...pids].map((pid) => ({ pid, ...(owners.has(pid) ? { owner: owners.get(pid) ?? "" } : {}) }));
  }
}

interface Running {
  /** Undefined while its namespaces are being made. */
  child: ChildProcess | undefined;
}

function ownerOf(name: ProcessName): string {
  return name === "runtime" ? "The function" : `The extension "${name.slice("extension:".length)}"`;
}

/** Between us and a program in a cell stands the process that brought it there, which passes its end on. */
function signalProgram(child: ChildProcess, program: number | undefined, signal: NodeJS.Signals): void {
  if (program === undefined) signalGroup(child.pid, signal);
  // It leads no group of its own in its first moments.
  else if (!signalGroup(program, signal)) signalOne(program, signal);
}

/** Its last words belong before whatever follows from its end. Nobody who holds its pipes is alive by now, as far as we know. */
async function outputClosed(child: ChildProcess): Promise<void> {
  const giveUp = AbortSignal.timeout(outputTimeoutMs);
  // An exit is told late rather than never.
  await once(child, "close", { signal: giveUp }).catch(() => {});
}

function closeAllAtExit(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const processes of open) processes.kill();
  });
}
