import { writeSync } from "node:fs";

/**
 * Writes all of `text` before it returns. `process.stdout` queues what a full pipe does not take, and a process that
 * exits or is frozen loses the queue. A descriptor that nobody reads any more is ignored.
 */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code === "EPIPE" || error.code === "EBADF") return;
      if (error.code !== "EAGAIN") throw error;
      pause();
    }
  }
}

/** The pipe is full and its other end is slow: gives it a millisecond, since nothing else may run here. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
