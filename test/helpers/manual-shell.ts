import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firstDifference, type Step } from "./manual-page.ts";

export interface Place {
  /** Where the page's reader begins. */
  readonly folder: string;
  readonly checkout: string;
  /** For what a shell remembers between two blocks. */
  readonly memory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A reader's terminal: what one block changes (folder, variables), the next one finds. */
export class ManualShell implements AsyncDisposable {
  readonly #place: Place;
  readonly #beside: Running[] = [];

  constructor(place: Place) {
    this.#place = place;
    mkdirSync(place.memory, { recursive: true });
    this.#remember(place.folder);
  }

  /** Does what the page says, and throws with the page's line where it is not as the page says. */
  async follow(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.type === "file") this.#write(step.path, step.content);
      else await this.#type(step);
    }
  }

  /** Ctrl-C to whatever keeps running. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#beside) await running.interrupted();
  }

  async #type({ script, mark, output, line }: Step & { readonly type: "commands" }): Promise<void> {
    if (mark === "checkout") this.#remember(this.#place.checkout);
    const running = new Running(this.#script(script), this.#place.env);
    if (mark === "keeps running") {
      if (output === undefined) throw new Error(`line ${line}: what keeps running shows how it says that it is there`);
      this.#beside.push(running);
      await running.said(output, line);
      return;
    }
    const code = await running.ended();
    if (code !== 0) throw new Error(`line ${line}: ended with ${code}\n${script}\n${running.output}`);
    const missing = output === undefined ? undefined : firstDifference(output, running.output);
    if (missing !== undefined)
      throw new Error(`line ${line}: the page and the output differ at "${missing}"\n${script}\n${running.output}`);
  }

  #write(path: string, content: string): void {
    const file = join(this.#folder(), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  #remember(folder: string): void {
    writeFileSync(join(this.#place.memory, "folder"), folder);
  }

  #folder(): string {
    return readFileSync(join(this.#place.memory, "folder"), "utf8").trim();
  }

  #script(typed: string): string {
    const [folder, variables] = ["folder", "variables"].map((name) => join(this.#place.memory, name));
    return [
      existsSync(variables ?? "") ? `. ${variables}` : "",
      `cd "$(cat ${folder})"`,
      `trap 'pwd > ${folder}; export -p | grep -v " SHLVL=" > ${variables}' EXIT`,
      "set -eao pipefail",
      typed,
    ].join("\n");
  }
}

/** One block's commands, as a group of processes that can be interrupted as a terminal does it. */
class Running {
  output = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #heard = Promise.withResolvers<void>();

  constructor(script: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn("bash", ["-c", `exec 2>&1\n${script}`], {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close");
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.output += text;
      this.#heard.resolve();
    });
    this.#child.once("close", () => this.#heard.resolve());
  }

  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.#closed;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Waits until it has printed what the page shows, and for nothing else. */
  async said(shown: string, line: number): Promise<void> {
    while (firstDifference(`${shown}\n…`, this.output) !== undefined) {
      if (this.#child.exitCode !== null)
        throw new Error(`line ${line}: it ended without having said "${shown.trim()}"\n${this.output}`);
      await this.#heard.promise;
      this.#heard = Promise.withResolvers();
    }
  }

  async interrupted(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGINT");
    await this.#closed;
  }
}
