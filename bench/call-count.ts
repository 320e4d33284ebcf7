import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Counts the system calls of a process, all its threads together, from when `begin` has resolved. */
export class CallCount {
  readonly #strace: ChildProcess;
  #said = "";

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
  }

  static async begin(pid: number): Promise<CallCount> {
    const strace = spawn("strace", ["-f", "-c", "-p", `${pid}`], { stdio: ["ignore", "ignore", "pipe"] });
    const count = new CallCount(strace);
    const attached = Promise.withResolvers<void>();
    strace.stderr?.setEncoding("utf8").on("data", (text) => {
      count.#said += text;
      if (/attached/.test(count.#said)) attached.resolve();
    });
    strace.on("error", attached.reject);
    strace.on("close", () => attached.reject(new Error(`strace cannot attach: ${count.#said.trim().split("\n")[0]}`)));
    await attached.promise;
    return count;
  }

  /** The number of calls; the process goes on. */
  async end(): Promise<number> {
    this.#strace.kill("SIGINT");
    await once(this.#strace, "close");
    const total = /^\s*100\.00\s+[\d.]+\s+\d+\s+(\d+)/m.exec(this.#said)?.[1];
    if (total === undefined) throw new Error(`strace gave no total: ${this.#said.slice(-300)}`);
    return Number(total);
  }
}
