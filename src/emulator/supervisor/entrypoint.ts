/** Why the kernel would not run a file as a program, found before it is tried, in a sentence for the person who built it. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";

/** ELF e_machine values: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and the processor supplements */
const elfMachines: Readonly<Record<number, string>> = { 62: "x86_64", 183: "arm64" };

const machineNames: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "arm64" };

/** Undefined when `file` (on this machine) can run; `shown` is its path inside the environment. */
export function entrypointProblem(file: string, shown: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return `"${shown}" does not exist`;
  if (!stats.isFile()) return `"${shown}" is not a file`;
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return `"${shown}" is not executable: give it mode 0755 (chmod +x) before you pack it`;
  }
  return formatProblem(head(file), shown);
}

function formatProblem(bytes: Buffer, shown: string): string | undefined {
  if (bytes.subarray(0, 2).toString() === "#!") return undefined;
  if (bytes.readUInt32BE(0) !== 0x7f454c46) {
    return `"${shown}" is neither a Linux executable nor a script: a script needs a first line such as #!/bin/sh`;
  }
  const machine = elfMachines[bytes.readUInt16LE(18)] ?? "another processor";
  const here = machineNames[process.arch] ?? process.arch;
  return machine === here ? undefined : `"${shown}" is built for ${machine}, but this machine is ${here}`;
}

function head(file: string): Buffer {
  const bytes = Buffer.alloc(20);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
