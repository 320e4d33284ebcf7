/** What a process has of the machine: counted before and after, it says what was left behind. */
import { globSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";

export interface Traces {
  readonly processes: number;
  readonly listeners: number;
  readonly descriptors: number;
  readonly mounts: number;
  readonly folders: number;
  readonly controlGroups: number;
  /** Anonymous memory, after everything that nobody needs has been collected. */
  readonly residentMb: number;
  readonly heapMb: number;
}

export function traces(): Traces {
  collect();
  const descriptors = readdirSync("/proc/self/fd");
  const { rss, heapUsed } = process.memoryUsage();
  return {
    processes: descendants(process.pid),
    listeners: listening(descriptors),
    descriptors: descriptors.length,
    mounts: lines("/proc/self/mountinfo").filter((line) => line.includes(tmpdir())).length,
    folders: readdirSync(tmpdir()).filter((name) => name.startsWith("bootlace-")).length,
    controlGroups: globSync(`/sys/fs/cgroup/**/bootlace/environment-${process.pid}-*`).length,
    residentMb: mebibytes(rss),
    heapMb: mebibytes(heapUsed),
  };
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 104_857.6) / 10;
}

/** With --expose-gc; without it the figures are a little higher. */
function collect(): void {
  const { gc } = globalThis;
  if (gc !== undefined) for (let times = 0; times < 3; times += 1) gc();
}

function descendants(pid: number): number {
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((file) => lines(file).join(" ").split(" "));
  const pids = children.filter((text) => text !== "").map(Number);
  return pids.reduce((sum, child) => sum + 1 + descendants(child), 0);
}

function listening(descriptors: readonly string[]): number {
  const listeners = new Set(
    [...lines("/proc/net/tcp"), ...lines("/proc/net/tcp6")].flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      return fields[3] === "0A" ? [`socket:[${fields[9]}]`] : [];
    }),
  );
  return descriptors.filter((descriptor) => listeners.has(target(descriptor))).length;
}

function target(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

function lines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
