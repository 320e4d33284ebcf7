import { accessSync, constants } from "node:fs";
import { isSingleExecutable } from "./node-flags.ts";

/** Tells the process that a wrapper starts from the one that started the wrapper. */
const mark = "_BOOTLACE_WRAPPED";

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
  try {
    accessSync(wrapper, constants.X_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new Error(`AWS_LAMBDA_EXEC_WRAPPER names no file that can be started: ${why}`, { cause });
  }
  // Not in every Node that the package supports; in all that are shipped as a layer.
  if (process.execve === undefined) throw new Error("AWS_LAMBDA_EXEC_WRAPPER needs Node 22.15 or newer");
  process.execve(wrapper, [wrapper, ...ownCommand()], { ...env, [mark]: "1" });
}

/** A single executable repeats its own path where a script has its file. */
function ownCommand(): readonly string[] {
  const [, script = "", ...rest] = process.argv;
  return isSingleExecutable() ? [script, ...rest] : [process.execPath, ...process.execArgv, script, ...rest];
}
