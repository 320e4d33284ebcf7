import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";

/** A named pipe for the frames of a log: what is written to it waits until it is read. It takes as much as a pipe does. */
export class FramePipe implements Disposable {
  readonly #descriptor: number;

  /** Makes the pipe at `path`, which must be free. */
  constructor(path: string) {
    spawnSync("mkfifo", [path]);
    // Open for both ends, so that nobody waits for the other one.
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** What is there, which is then gone. */
  read(): Buffer {
    const bytes = Buffer.alloc(65_536);
    try {
      return bytes.subarray(0, readSync(this.#descriptor, bytes));
    } catch {
      // There is nothing.
      return Buffer.alloc(0);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
