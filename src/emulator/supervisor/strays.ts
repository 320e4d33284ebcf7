/** Processes that left their group and outlive it, such as daemons that a bootstrap started with setsid. */
import { readdirSync, readFileSync } from "node:fs";

/** Kills every process that carries `variable` (NAME=VALUE) in its environment. Linux only; elsewhere nobody can tell. */
export function killStrays(variable: string): void {
  for (const pid of processIds()) {
    if (!carries(pid, variable)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself in between.
    }
  }
}

function processIds(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function carries(pid: number, variable: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(variable);
  } catch {
    // Somebody else's, or gone.
    return false;
  }
}
