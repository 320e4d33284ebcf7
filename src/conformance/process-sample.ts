/** What the processes of one environment hold, as Linux tells it. man 5 proc */
import { readdirSync, readFileSync } from "node:fs";
import type { ProcessSample } from "./subject-evidence.ts";

/** Sums over all processes that carry `variable` (NAME=VALUE); undefined where there is none, or no Linux. */
export function sampleProcesses(variable: string): ProcessSample | undefined {
  const samples = processIds().flatMap((pid) => sampleOf(pid, variable) ?? []);
  if (samples.length === 0) return undefined;
  return samples.reduce((sum, one) => ({
    files: sum.files + one.files,
    threads: sum.threads + one.threads,
    memoryBytes: sum.memoryBytes + one.memoryBytes,
  }));
}

/** The process with `variable` that has the most memory in use; undefined where there is none, or no Linux. */
export function largestProcess(variable: string): number | undefined {
  const found = processIds().flatMap((pid) => {
    const sample = sampleOf(pid, variable);
    return sample === undefined ? [] : [{ pid: Number(pid), memoryBytes: sample.memoryBytes }];
  });
  return found.sort((a, b) => b.memoryBytes - a.memoryBytes)[0]?.pid;
}

/** Ids of the processes that carry `variable` and can be looked at. */
export function processesWith(variable: string): readonly string[] {
  return processIds().filter((pid) => carries(pid, variable));
}

export function processIds(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function sampleOf(pid: string, variable: string): ProcessSample | undefined {
  try {
    if (!carries(pid, variable)) return undefined;
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    const files = readdirSync(`/proc/${pid}/fd`).length;
    return { files, threads: number("Threads"), memoryBytes: number("VmRSS") * 1024 };
  } catch {
    // Somebody else's, or gone.
    return undefined;
  }
}

function carries(pid: string, variable: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(variable);
  } catch {
    // Somebody else's, or gone.
    return false;
  }
}
