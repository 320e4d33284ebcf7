/** Why the kernel would not run a file as a program, found before it is tried, in a sentence for the person who built it. */
import { accessSync, closeSync, constants, lstatSync, openSync, readSync, statSync } from "node:fs";
import { loaderOf } from "../../platform/elf-loader.ts";

/** ELF e_machine values: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and the processor supplements */
const elfMachines: Readonly<Record<number, string>> = { 62: "x86_64", 183: "arm64" };

const machineNames: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "arm64" };

/** How much of a script the kernel looks at for its first line. man 2 execve */
const headBytes = 256;

/** The environment that a program is to run in. */
export interface Surroundings {
  /** Where a path inside it lies on this machine. */
  located(path: string): string;
  /** Says where that is, with what to do about what is missing. */
  readonly place: string;
}

/** Undefined when `file` (on this machine) can run; `shown` is its path inside the environment. */
export function entrypointProblem(file: string, shown: string, around: Surroundings): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return `"${shown}" does not exist`;
  if (!stats.isFile()) return `"${shown}" is not a file`;
  if (!runnable(file)) return `"${shown}" is not executable: give it mode 0755 (chmod +x) before you pack it`;
  // A function is not the user who made the file. DG/troubleshooting-deployment.html
  if (process.platform !== "win32" && (stats.mode & 0o005) !== 0o005)
    return `"${shown}" is not executable for everybody: give it mode 0755 (chmod 755) before you pack it`;
  const bytes = head(file);
  return bytes.subarray(0, 2).toString() === "#!"
    ? interpreterProblem(bytes, shown, around)
    : (formatProblem(bytes, shown) ?? loaderProblem(file, shown, around));
}

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function interpreterProblem(bytes: Buffer, shown: string, around: Surroundings): string | undefined {
  const line = bytes.toString("latin1", 2).split("\n")[0] ?? "";
  if (line.endsWith("\r"))
    return `"${shown}" has Windows line endings, which end up in the interpreter's name: save it with LF`;
  const interpreter = /^[ \t]*([^ \t\0]+)/.exec(line)?.[1];
  if (interpreter === undefined) return `"${shown}" names no interpreter after its #!`;
  if (isThere(interpreter, around)) return undefined;
  return `"${shown}" wants the interpreter "${interpreter}", which does not exist ${around.place}`;
}

/** The kernel says of a missing loader what it says of a missing program, "No such file or directory". */
function loaderProblem(file: string, shown: string, around: Surroundings): string | undefined {
  const loader = loaderOf(file);
  if (loader === undefined || isThere(loader, around)) return undefined;
  return `"${shown}" wants the loader "${loader}", which does not exist ${around.place}`;
}

/** A link that a container image has may lead nowhere on this machine. */
function isThere(path: string, { located }: Surroundings): boolean {
  return lstatSync(located(path), { throwIfNoEntry: false }) !== undefined;
}

function formatProblem(bytes: Buffer, shown: string): string | undefined {
  if (bytes.readUInt32BE(0) !== 0x7f454c46) {
    return `"${shown}" is neither a Linux executable nor a script: a script needs a first line such as #!/bin/sh`;
  }
  const machine = elfMachines[bytes.readUInt16LE(18)] ?? "another processor";
  const here = machineNames[process.arch] ?? process.arch;
  return machine === here ? undefined : `"${shown}" is built for ${machine}, but this machine is ${here}`;
}

function head(file: string): Buffer {
  const bytes = Buffer.alloc(headBytes);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
