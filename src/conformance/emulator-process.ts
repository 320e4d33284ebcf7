import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { HarnessError } from "./verdict.ts";

/** How long an emulator may take to say where it listens. */
const startLimitMs = 20_000;

/** How long it may take to clean up after itself. */
const stopLimitMs = 5_000;

/** An emulator that was started for one case: `COMMAND DIR --port 0 …`, which prints its address first. */
export class EmulatorProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(command: readonly string[], args: readonly string[]): Promise<EmulatorProcess> {
    const [program = "", ...first] = command;
    const child = spawn(program, [...first, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    const url = await new Promise<string>((resolve, reject) => {
      const give = (why: string) => {
        child.kill("SIGKILL");
        reject(new HarnessError(`The emulator ${why}${printed === "" ? "" : `: ${printed.slice(0, 500).trim()}`}`));
      };
      const timer = setTimeout(() => give(`did not say where it listens within ${startLimitMs} ms`), startLimitMs);
      const read = (text: Buffer) => {
        printed = (printed + text).slice(0, 10_000);
        const found = /\bhttp:\/\/[\w.[\]:]+:\d+/.exec(printed)?.[0];
        if (found !== undefined) resolve(found);
        if (found !== undefined) clearTimeout(timer);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("error", (error) => give(`cannot be started (${error.message})`));
      child.once("exit", () => give("ended at once"));
      child.once("close", () => clearTimeout(timer));
    });
    return new EmulatorProcess(child, url);
  }

  /** Ends it as Ctrl-C would, so that its own processes end with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopLimitMs);
    await ended;
    clearTimeout(timer);
  }
}
