import { writeSync } from "node:fs";

/**
 * Writes all of it before it returns. `process.stdout` queues what a full pipe does not take, and a process that exits
 * or is frozen loses the queue. False when nobody reads this descriptor any more.
 */
export function writeAll(fd: number, output: string | Uint8Array): boolean {
  if (turn === undefined) return write(fd, output);
  while (Atomics.compareExchange(turn, 0, 0, 1) !== 0) Atomics.wait(turn, 0, 1);
  try {
    return write(fd, output);
  } finally {
    Atomics.store(turn, 0, 0);
    Atomics.notify(turn, 0, 1);
  }
}

let turn: Int32Array | undefined;

/** From now on this thread writes in turn with all others that share `memory`, four bytes of zeros: no line is torn. */
export function shareOutput(memory: SharedArrayBuffer): void {
  turn = new Int32Array(memory);
}

function write(fd: number, output: string | Uint8Array): boolean {
  const bytes = typeof output === "string" ? Buffer.from(output, "utf8") : output;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code === "EPIPE" || error.code === "EBADF") return false;
      if (error.code !== "EAGAIN") throw error;
      pause();
    }
  }
  return true;
}

/** The pipe is full and its other end is slow: gives it a millisecond, since nothing else may run here. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
