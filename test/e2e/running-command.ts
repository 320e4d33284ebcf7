import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  /** The working directory and the home. */
  readonly home: string;
  /** Where temporary folders go, so that a test sees what is left. */
  readonly temporary: string;
  readonly input?: string | undefined;
  readonly variables?: Readonly<Record<string, string>>;
}

/** "bootlace" as a process of its own. */
export class RunningCommand {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  #wake: () => void = () => {};

  constructor(args: readonly string[], { home, temporary, input, variables = {} }: Surroundings) {
    const script = [join(root, "src/cli/engine.mjs"), "src/cli/main.ts", ...args];
    const env = { PATH: process.env.PATH ?? "", TMPDIR: temporary, HOME: home, ...variables };
    this.child = spawn(process.execPath, script, { cwd: home, env, detached: true, stdio: "pipe" });
    this.child.stdout?.on("data", (text) => this.#heard("stdout", text));
    this.child.stderr?.on("data", (text) => this.#heard("stderr", text));
    this.child.once("close", () => this.#wake());
    if (input !== undefined) this.child.stdin?.end(input);
  }

  /** Waits until it has written this, on either output. */
  async wrote(text: string): Promise<void> {
    while (!`${this.stdout}${this.stderr}`.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`It ended without "${text}": ${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** As a terminal does it: to the whole process group. */
  interrupt(signal: NodeJS.Signals = "SIGINT"): void {
    process.kill(-(this.child.pid ?? 0), signal);
  }

  async ended(): Promise<Ran> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return { code: this.child.exitCode ?? this.child.signalCode, stdout: this.stdout, stderr: this.stderr };
  }

  #heard(output: "stdout" | "stderr", text: string): void {
    this[output] += text;
    this.#wake();
  }
}
