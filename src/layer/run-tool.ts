import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { BuildError } from "./build-error.ts";

const run = promisify(execFile);

/** Runs one of the tools that make an executable, and repeats what it said when it fails. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  // NODE_OPTIONS of whoever builds would reach the tools that are Node programs.
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    const { stdout } = await run(command, args, { cwd: options.cwd, env: { ...env, ...options.env } });
    return stdout;
  } catch (error) {
    const words = [command, ...args].map((word) => basename(word)).join(" ");
    throw new BuildError("tool-failed", `Cannot make the executable: "${words}" failed: ${complaint(error)}`, error);
  }
}

/** What a tool said last, on whichever stream; postject writes errors to the first, in red, among warnings on the second. */
function complaint(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = ["stderr", "stdout"].map((stream) => Reflect.get(error, stream) ?? "").join("\n");
  const lines = stripVTControlCharacters(said).split("\n");
  return lines.findLast((line) => line.trim() !== "")?.trim() ?? error.message;
}
