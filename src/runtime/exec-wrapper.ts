import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { isSingleExecutable } from "./node-flags.ts";

/** Tells the process that a wrapper starts from the one that started the wrapper. */
const mark = "_BOOTLACE_WRAPPED";

const shell = "/bin/sh";

/** As much as the kernel reads of a first line. https://man7.org/linux/man-pages/man2/execve.2.html */
const lineBytesMax = 256;

/**
 * Becomes the program that `AWS_LAMBDA_EXEC_WRAPPER` names, with our own command as its arguments, as the managed
 * runtimes do. Returns when there is none, or when it has been there already.
 */
export function becomeWrapper(env: NodeJS.ProcessEnv): void {
  const wrapper = env.AWS_LAMBDA_EXEC_WRAPPER;
  if (wrapper === undefined || wrapper === "") return;
  if (env[mark] !== undefined) {
    delete env[mark];
    return;
  }
  const [file = wrapper, ...args] = commandOf(wrapper);
  // Not in every Node that the package supports; in all that are shipped as a layer.
  if (process.execve === undefined) throw new Error("AWS_LAMBDA_EXEC_WRAPPER needs Node 22.15 or newer");
  process.execve(file, [file, ...args, ...ownCommand()], { ...env, [mark]: "1" });
}

/** Looked at beforehand, because a process that cannot become another program is aborted by Node. */
function commandOf(wrapper: string): readonly string[] {
  const begin = startable(wrapper, "AWS_LAMBDA_EXEC_WRAPPER names no file that can be started");
  if (begin.startsWith("\x7fELF")) return [wrapper];
  const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(begin) ?? [];
  // The shell that starts the wrappers of managed runtimes runs what says nothing of itself.
  if (interpreter === undefined) return [shell, wrapper];
  if (interpreter.endsWith("\r"))
    throw new Error(`The first line of AWS_LAMBDA_EXEC_WRAPPER ${wrapper} ends in CRLF: save it with LF alone`);
  startable(interpreter, `AWS_LAMBDA_EXEC_WRAPPER ${wrapper} needs a program that cannot be started`);
  return [wrapper];
}

/** The beginning of a file that may be executed. */
function startable(path: string, complaint: string): string {
  try {
    accessSync(path, constants.X_OK);
    const begin = Buffer.alloc(lineBytesMax);
    const file = openSync(path, "r");
    const length = readSync(file, begin);
    closeSync(file);
    return begin.toString("latin1", 0, length);
  } catch (cause) {
    throw new Error(`${complaint}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** A single executable repeats its own path where a script has its file. */
function ownCommand(): readonly string[] {
  const [, script = "", ...rest] = process.argv;
  return isSingleExecutable() ? [script, ...rest] : [process.execPath, ...process.execArgv, script, ...rest];
}
