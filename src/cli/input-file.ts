/** Files and standard input that a command line names: read in full, or refused in a sentence. */
import { readFileSync, statSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { UsageError } from "./failure.ts";

/** The file's bytes. `what` is what it is to the person, such as "event file". */
export function readInput(path: string, what: string, bytesMax = Number.POSITIVE_INFINITY): Buffer {
  try {
    const { size } = statSync(path);
    if (size > bytesMax) throw tooLarge(what, `${size} bytes`, bytesMax);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The ${what} "${path}" ${reason(error)}`, { cause: error });
  }
}

/** Standard input, until it ends or `signal` is aborted. */
export async function readStandardInput(what: string, bytesMax: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, process.stdin)) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge(what, `more than ${bytesMax} bytes`, bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(what: string, has: string, bytesMax: number): UsageError {
  return new UsageError(
    `The ${what} has ${has}, and Lambda takes at most ${bytesMax}: put the data into a file elsewhere, and its address into the event`,
  );
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist";
  if (code === "EISDIR") return "is a folder: name a file";
  if (code === "EACCES") return "may not be read by you: change its mode or its owner";
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
