import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, type } from "node:os";

/** Where and when figures were taken: without this they mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly kernel: string;
  readonly date: string;
  /** Processes that want to run, averaged over the last minute, before the first measurement. */
  readonly loadAtStart: number;
  /** The core that server and subject share in pinned measures. */
  readonly pinnedTo?: number;
}

export function machine(): Machine {
  const core = pinnableCore();
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: cpus().length,
    node: process.version,
    kernel: `${type()} ${release()}`,
    date: new Date().toISOString(),
    loadAtStart: load(),
    ...(core === undefined ? {} : { pinnedTo: core }),
  };
}

export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** The last core that this process may use, since the first one serves most interrupts; undefined without taskset. */
function pinnableCore(): number | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const core = /^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1];
    const works = spawnSync("taskset", ["-c", `${core}`, "true"], { stdio: "ignore" }).status === 0;
    return works ? Number(core) : undefined;
  } catch {
    return undefined;
  }
}
