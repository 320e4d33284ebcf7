import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Exit } from "../../core/environment/input.ts";
import type { ProcessName } from "../../core/environment/model.ts";
import { onThisMachine, programProblem } from "../programs.ts";
import { type Folders, type Isolation, isolated } from "./isolation.ts";
import { killStrays } from "./strays.ts";
import type { ProcessSpec, Supervisor, SupervisorEvents } from "./supervisor.ts";

/** How Go, and so Lambda, spells the signals that end processes. https://pkg.go.dev/syscall#Signal */
const signalNames: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

/** Supervisors with processes; whatever ends this process ends those too. */
const open = new Set<Processes>();
let watching = false;

/** How long an output may stay open when its process is gone. */
const outputTimeoutMs = 1_000;

/** Real processes, each the leader of a process group, so that its children share its fate. */
export class Processes implements Supervisor {
  readonly #isolation: Isolation;
  readonly #folders: Folders;
  readonly #events: SupervisorEvents;
  readonly #running = new Map<ProcessName, ChildProcess>();
  /** Those whose outputs somebody still holds. */
  readonly #heard = new Set<ChildProcess>();
  /** The variable that tells our processes from all others: the address of their API. */
  #mark: string | undefined;

  constructor(isolation: Isolation, folders: Folders, events: SupervisorEvents) {
    this.#isolation = isolation;
    this.#folders = folders;
    this.#events = events;
  }

  start({ name, program, env }: ProcessSpec): void {
    const problem = programProblem(program, this.#folders);
    if (problem !== undefined) return this.#events.startFailed(name, problem);
    const file = this.#isolation.kind === "none" ? onThisMachine(program, this.#folders) : program;
    const line = isolated(this.#isolation, this.#folders, file, env);
    const child = spawn(line.command, line.args, {
      cwd: this.#folders.task,
      env: line.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    open.add(this);
    closeAllAtExit();
    this.#mark = `AWS_LAMBDA_RUNTIME_API=${env.AWS_LAMBDA_RUNTIME_API}`;
    this.#running.set(name, child);
    this.#listen(name, child);
  }

  signal(name: ProcessName, signal: "SIGTERM" | "SIGKILL"): void {
    signalGroup(this.#running.get(name), signal);
  }

  freeze(): void {
    for (const child of this.#running.values()) signalGroup(child, "SIGSTOP");
  }

  thaw(): void {
    for (const child of this.#running.values()) signalGroup(child, "SIGCONT");
  }

  peakMemoryBytes(): number | undefined {
    const peaks = [...this.#running.values()].map((child) => peakOf(child.pid));
    const known = peaks.filter((peak) => peak !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, peak) => sum + peak, 0);
  }

  close(): void {
    for (const child of this.#running.values()) signalGroup(child, "SIGKILL");
    if (this.#mark !== undefined) killStrays(this.#mark);
    // A pipe that a stranger holds open would keep our own process from ending.
    for (const child of this.#heard) for (const output of [child.stdout, child.stderr]) output?.destroy();
    open.delete(this);
  }

  #listen(name: ProcessName, child: ChildProcess): void {
    this.#heard.add(child);
    child.stdout?.on("data", (chunk) => this.#events.wrote(name, "stdout", chunk));
    child.stderr?.on("data", (chunk) => this.#events.wrote(name, "stderr", chunk));
    child.once("close", () => {
      this.#heard.delete(child);
      this.#events.outputEnded(name);
    });
    child.once("error", (error) => this.#ended(name, child) && this.#events.startFailed(name, error.message));
    child.once("exit", async (code, signal) => {
      if (!this.#ended(name, child)) return;
      await outputClosed(child);
      this.#events.exited(name, exitOf(code, signal));
    });
  }

  /** Whether `child` was the one that ran under `name`; what is left of its group, or of all groups, goes with it. */
  #ended(name: ProcessName, child: ChildProcess): boolean {
    signalGroup(child, "SIGKILL");
    const known = this.#running.get(name) === child && this.#running.delete(name);
    if (this.#running.size === 0 && this.#mark !== undefined) killStrays(this.#mark);
    return known;
  }
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
    for (const processes of open) processes.close();
  });
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group may have ended between our decision and the signal; what is left to be collected may not be signalled.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal !== null) return { how: "signal", signal: signalNames[signal] ?? signal };
  return { how: "code", code: code ?? 0 };
}

/** Linux keeps the peak of the resident set. man 5 proc, VmHWM */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    // Not Linux, or the process has just ended.
    return undefined;
  }
}
