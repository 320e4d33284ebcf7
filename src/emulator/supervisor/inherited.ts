/** Descriptors that whoever started this process has left open for everybody: a function must not find them. */
import { readdirSync, readFileSync } from "node:fs";
import { toolAt } from "./isolation.ts";

/** open(2), O_CLOEXEC: everything that Node opens by itself has it. */
const closeOnExec = 0o2000000;

/** The shell to start a program with, and the line with which it closes what was inherited. */
export function closingShell(): { readonly shell: readonly string[]; readonly line: string } {
  const shell = toolAt("bash") ?? "sh";
  const numbers = inheritedDescriptors().filter((number) => number <= 9 || shell !== "sh");
  const line = numbers.length === 0 ? "" : `exec ${numbers.map((number) => `${number}>&-`).join(" ")}`;
  // POSIX promises one digit, and a small shell keeps to that.
  if (shell === "sh" || numbers.every((number) => number <= 9)) return { shell: ["sh"], line };
  // With a socket for its input it takes itself for a remote shell, and would run its user's commands.
  return { shell: [shell, "--norc"], line };
}

/** Whether some of them cannot be closed here. */
export function descriptorsStay(): boolean {
  return toolAt("bash") === undefined && inheritedDescriptors().some((number) => number > 9);
}

function inheritedDescriptors(): readonly number[] {
  try {
    return readdirSync("/proc/self/fd")
      .map(Number)
      .filter((number) => number > 2 && survives(number));
  } catch {
    // Not Linux.
    return [];
  }
}

function survives(number: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // The folder itself was among them.
    return false;
  }
}
