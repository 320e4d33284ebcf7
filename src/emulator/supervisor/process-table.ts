/** What /proc tells about processes. man 5 proc. Every answer may be out of date at once: whoever is asked may be gone. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The children of a process that has one thread. */
export function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

export function allProcesses(): readonly number[] {
  return list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Those that share the process ids of `leader` and live in another root than this machine's, as every program of a cell does. */
export function programsAmong(leader: number): readonly number[] {
  const namespace = target(`/proc/${leader}/ns/pid`);
  if (namespace === undefined) return [];
  return allProcesses().filter(
    (pid) => pid !== leader && target(`/proc/${pid}/ns/pid`) === namespace && target(`/proc/${pid}/root`) !== "/",
  );
}

/** The most memory that a process has had in use, in bytes. VmHWM */
export function peakBytesOf(pid: number): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Its words, as far as they help to tell it from others. */
export function commandOf(pid: number): string {
  const words = read(`/proc/${pid}/cmdline`).split("\0").filter(Boolean);
  const command = words.length > 0 ? words.join(" ") : read(`/proc/${pid}/comm`);
  return command.trim().replace(/\s+/g, " ").slice(0, 80);
}

/** How long ago it started, in milliseconds; undefined where this machine does not say. */
export function ageMsOf(pid: number): number | undefined {
  // The name before it may hold blanks and brackets. Field 22 is `starttime`, in hundredths of a second since the machine began.
  const stat = read(`/proc/${pid}/stat`);
  const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "x") * 10;
  const ageMs = Number(read("/proc/uptime").split(" ")[0] || "x") * 1000 - started;
  return ageMs >= 0 ? ageMs : undefined;
}

export function isZombie(pid: number): boolean {
  return /^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`));
}

/** For each thread: the number and the arguments of the system call that it is in, or "running". */
export function threadsOf(pid: number): readonly (readonly string[])[] {
  return list(`/proc/${pid}/task`).map((thread) => read(`/proc/${pid}/task/${thread}/syscall`).trim().split(" "));
}

/** Whether a thread of it has, or waits for, a processor. */
export function isRunning(pid: number): boolean {
  return threadsOf(pid).some(([call]) => call === "running");
}

/** Programs name their threads; the first has the program's name until it says otherwise. */
export function threadNamesOf(pid: number): readonly string[] {
  return list(`/proc/${pid}/task`).map((thread) => read(`/proc/${pid}/task/${thread}/comm`).trim());
}

export interface Connection {
  /** `address:port` */
  readonly remote: string;
  /** Bytes that the other side has not taken, or the process has not read. */
  readonly unsentBytes: number;
  readonly unreadBytes: number;
  readonly inode: string;
}

/** A socket that a process has open, of whatever kind. */
export interface OpenSocket {
  readonly descriptor: number;
  readonly inode: string;
}

export function socketsOf(pid: number): readonly OpenSocket[] {
  return list(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const inode = /^socket:\[(\d+)\]$/.exec(target(`/proc/${pid}/fd/${descriptor}`) ?? "")?.[1];
    return inode === undefined ? [] : [{ descriptor: Number(descriptor), inode }];
  });
}

/**
 * The TCP connections among the sockets of a process that it has made. Those that came in to a port where somebody listens
 * are the other side's. The kernel goes through every socket of the machine for it, which takes milliseconds.
 */
export function connectionsOf(pid: number, sockets: readonly OpenSocket[]): readonly Connection[] {
  const inodes = new Set(sockets.map(({ inode }) => inode));
  const lines = ["tcp", "tcp6"].flatMap((table) => read(`/proc/${pid}/net/${table}`).split("\n").slice(1));
  const rows = lines.map((line) => line.trim().split(/\s+/));
  // 0A listens, 01 is established, 02 is on its way.
  const listening = new Set(rows.flatMap(([, local = "", , state]) => (state === "0A" ? [portOf(local)] : [])));
  return rows.flatMap(([, local = "", remote = "", state, queues = "", , , , , inode = ""]) => {
    if ((state !== "01" && state !== "02") || !inodes.has(inode) || listening.has(portOf(local))) return [];
    const [unsentBytes = 0, unreadBytes = 0] = queues.split(":").map((hexadecimal) => Number.parseInt(hexadecimal, 16));
    return [{ remote: addressOf(remote), unsentBytes, unreadBytes, inode }];
  });
}

function portOf(address: string): string {
  return address.split(":")[1] ?? "";
}

/** The kernel writes addresses as words in the machine's own order, which is little-endian on both of Lambda's processors. */
function addressOf(text: string): string {
  const [address = "", port = ""] = text.split(":");
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  const mapped = bytes.length === 16 && bytes.slice(0, 12).join("") === "00000000000000000000ffff".toUpperCase();
  const four = bytes.length === 4 ? bytes : mapped ? bytes.slice(12) : undefined;
  const shown =
    four === undefined
      ? `[${(bytes.join("").match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}]`
      : four.map((byte) => Number.parseInt(byte, 16)).join(".");
  return `${shown}:${Number.parseInt(port, 16)}`;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function target(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
