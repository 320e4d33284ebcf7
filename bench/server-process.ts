import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Job, JobResult, Measurement } from "./job.ts";

const program = join(import.meta.dirname, "server.ts");

/** The measuring process, on one core where that is possible. What it starts inherits the core. */
export class ServerProcess {
  readonly #child: ChildProcess;

  constructor(core: number | undefined) {
    const command = [process.execPath, program];
    const [file = "", ...args] = core === undefined ? command : ["taskset", "-c", `${core}`, ...command];
    this.#child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  /** One job at a time. */
  async run(job: Job): Promise<Measurement> {
    const ended = new AbortController();
    const onExit = () => ended.abort();
    this.#child.once("exit", onExit);
    try {
      this.#child.send(job);
      // as: server.ts answers each job with one of these and sends nothing else.
      const [result] = (await once(this.#child, "message", { signal: ended.signal })) as [JobResult];
      if (result.type === "failed") throw new Error(result.message);
      return result.measurement;
    } finally {
      this.#child.off("exit", onExit);
    }
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
