import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { SubjectOutput } from "./subject-output.ts";
import { SubjectError } from "./verdict.ts";

/** How long an emulator may take to say where it listens. */
const startLimitMs = 20_000;

/** How long it may take to clean up after itself. */
const stopLimitMs = 10_000;

/** An emulator that was started for one case: `COMMAND DIR --port 0 …`, which prints its address first. */
export class EmulatorProcess implements AsyncDisposable {
  readonly output = new SubjectOutput();
  readonly #child: ChildProcess;
  readonly #failed: Promise<never>;
  readonly #waiting: (() => void)[] = [];
  #printed = "";
  #url = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#failed = promise;
    promise.catch(() => {});
    const read = (stream: "stdout" | "stderr") => (text: Buffer) => {
      this.output.add(stream, text);
      this.#printed = (this.#printed + text).slice(0, 10_000);
      for (const look of this.#waiting.splice(0)) look();
    };
    child.stdout?.on("data", read("stdout"));
    child.stderr?.on("data", read("stderr"));
    child.once("error", (error) => reject(this.#problem(`cannot be started (${error.message})`)));
    child.once("exit", (code, signal) => reject(this.#problem(`ended at once (${signal ?? `status ${code}`})`)));
  }

  static async start(command: readonly string[], args: readonly string[]): Promise<EmulatorProcess> {
    const [program = "", ...first] = command;
    const emulator = new EmulatorProcess(spawn(program, [...first, ...args], { stdio: ["ignore", "pipe", "pipe"] }));
    emulator.#url = await emulator.#saidBy(/\bhttp:\/\/[\w.[\]:]+:\d+/);
    return emulator;
  }

  /** Where its Invoke API is. */
  get url(): string {
    return this.#url;
  }

  /** Where the function's own URL is. */
  functionUrl(): Promise<string> {
    return this.#saidBy(/(?<=\bFunction URL: )http:\/\/[\w.[\]:]+:\d+/);
  }

  /** Asks it to end. */
  end(): void {
    this.#child.kill("SIGTERM");
  }

  /** Ends it as Ctrl-C would, so that its own processes end with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopLimitMs);
    await ended;
    clearTimeout(timer);
  }

  async #saidBy(pattern: RegExp): Promise<string> {
    const late = Promise.withResolvers<never>();
    const give = () => late.reject(this.#problem(`did not say where it listens within ${startLimitMs} ms`));
    const timer = setTimeout(give, startLimitMs);
    try {
      for (;;) {
        const found = pattern.exec(this.#printed)?.[0];
        if (found !== undefined) return found;
        const more = new Promise<void>((resolve) => this.#waiting.push(resolve));
        await Promise.race([more, this.#failed, late.promise]);
      }
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #problem(why: string): SubjectError {
    const printed = this.#printed === "" ? "" : `: ${this.#printed.slice(0, 500).trim()}`;
    return new SubjectError(`The emulator ${why}${printed}`);
  }
}
