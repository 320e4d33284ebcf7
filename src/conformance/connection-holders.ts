/** Who holds a connection to an address of this machine, as Linux tells it. man 5 proc, man 5 proc_pid_net */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processIds } from "./process-sample.ts";
import type { ConnectionHolder } from "./runtime-evidence.ts";

/**
 * Every process with a connection to `address` (HOST:PORT), except this one, which serves it. The runtime is the oldest
 * process that carries `variable` (NAME=VALUE). Undefined where there is none, or no Linux.
 */
export function connectionHolders(variable: string, address: string): readonly ConnectionHolder[] | undefined {
  const group = groupOfOldest(variable);
  if (group === undefined) return undefined;
  const inodes = inodesTo(Number(address.split(":")[1]));
  const holds = (pid: string) => linksOf(pid).some((link) => inodes.has(link));
  const holders = processIds().filter((pid) => Number(pid) !== process.pid && holds(pid));
  return holders.flatMap((pid) => {
    const about = statOf(pid);
    return about === undefined ? [] : [{ command: about.command, inGroup: about.group === group }];
  });
}

function groupOfOldest(variable: string): number | undefined {
  const marked = processIds().flatMap((pid) => {
    const about = carries(pid, variable) ? statOf(pid) : undefined;
    return about ?? [];
  });
  return marked.sort((a, b) => a.startedAt - b.startedAt)[0]?.group;
}

/** Links of /proc/PID/fd that mean a connection to this port. */
function inodesTo(port: number): ReadonlySet<string> {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = ["tcp", "tcp6"].flatMap((kind) => textOf(`/proc/net/${kind}`)?.split("\n") ?? []);
  const columns = lines.map((line) => line.trim().split(/\s+/));
  return new Set(columns.filter((column) => column[2]?.endsWith(remote)).map((column) => `socket:[${column[9]}]`));
}

function linksOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    // Somebody else's, or gone.
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function statOf(pid: string) {
  const text = textOf(`/proc/${pid}/stat`);
  // The name is in parentheses, and may have some itself.
  const end = text?.lastIndexOf(")") ?? -1;
  if (text === undefined || end < 0) return undefined;
  const fields = text.slice(end + 2).split(" ");
  return {
    command: text.slice(text.indexOf("(") + 1, end),
    group: Number(fields[2]),
    startedAt: Number(fields[19]),
  };
}

function carries(pid: string, variable: string): boolean {
  return textOf(`/proc/${pid}/environ`)?.split("\0").includes(variable) ?? false;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
