import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Exit } from "../../core/environment/input.ts";
import type { ProcessName } from "../../core/environment/model.ts";
import { entrypointProblem } from "./entrypoint.ts";
import { type Folders, type Isolation, isolated, tiedToParent } from "./isolation.ts";
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

/** Real processes, each the leader of a process group, so that its children share its fate. */
export class Processes implements Supervisor {
  readonly #isolation: Isolation;
  readonly #folders: Folders;
  readonly #events: SupervisorEvents;
  readonly #running = new Map<ProcessName, ChildProcess>();

  constructor(isolation: Isolation, folders: Folders, events: SupervisorEvents) {
    this.#isolation = isolation;
    this.#folders = folders;
    this.#events = events;
  }

  start(spec: ProcessSpec): void {
    const file = this.#here(spec.program);
    const problem = entrypointProblem(file, spec.program);
    if (problem !== undefined) return this.#events.startFailed(spec.name, problem);
    const program = this.#isolation.kind === "none" ? file : spec.program;
    const [command = "", ...args] = tiedToParent(isolated(this.#isolation, this.#folders, [program]));
    const cwd = this.#folders.task;
    const child = spawn(command, args, { cwd, env: spec.env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#running.set(spec.name, child);
    child.stdout?.on("data", (chunk) => this.#events.wrote(spec.name, "stdout", chunk));
    child.stderr?.on("data", (chunk) => this.#events.wrote(spec.name, "stderr", chunk));
    child.once("close", () => this.#events.outputEnded(spec.name));
    child.once("error", (error) => this.#ended(spec.name, child) && this.#events.startFailed(spec.name, error.message));
    child.once("exit", (code, signal) => {
      if (this.#ended(spec.name, child)) this.#events.exited(spec.name, exitOf(code, signal));
    });
  }

  signal(name: ProcessName, signal: "SIGTERM" | "SIGKILL"): void {
    this.#signal(this.#running.get(name), signal);
  }

  freeze(): void {
    for (const child of this.#running.values()) this.#signal(child, "SIGSTOP");
  }

  thaw(): void {
    for (const child of this.#running.values()) this.#signal(child, "SIGCONT");
  }

  peakMemoryBytes(): number | undefined {
    const peaks = [...this.#running.values()].map((child) => peakOf(child.pid));
    const known = peaks.filter((peak) => peak !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, peak) => sum + peak, 0);
  }

  close(): void {
    for (const child of this.#running.values()) this.#signal(child, "SIGKILL");
  }

  /** Whether `child` was the one that ran under `name`; what is left of its group goes with it. */
  #ended(name: ProcessName, child: ChildProcess): boolean {
    this.#signal(child, "SIGKILL");
    return this.#running.get(name) === child && this.#running.delete(name);
  }

  #signal(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      // The group may have ended between our decision and the signal.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  #here(path: string): string {
    const mounted: readonly (readonly [string, string])[] = [
      ["/var/task/", this.#folders.task],
      ["/opt/", this.#folders.opt],
    ];
    const found = mounted.find(([prefix]) => path.startsWith(prefix));
    return found === undefined ? path : join(found[1], path.slice(found[0].length));
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
