import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { packageRoot, sourceFile } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { bundle } from "./bundle.ts";
import type { Engine } from "./engine.ts";
import { emulatorOf } from "./foreign-engine.ts";
import { hermetic } from "./hermetic.ts";

/** A built function, and how it is to be run. */
export interface FunctionOnDisk {
  /** What will be /var/task. */
  readonly folder: string;
  /** The CommonJS file in it. */
  readonly file: string;
  /** As the handler setting names it. */
  readonly handler: string;
  /** Files with one sample event each; without any the function is only initialised. */
  readonly events: readonly string[];
  /** The function's own variables, as it will have them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly engine: Engine;
}

/** Runs functions on the engine that they will run on, without network and without credentials. */
export interface WarmUp {
  /** A run that keeps V8's code, or one that sees which of Node's modules are asked for. */
  run(what: "warm-up" | "observe", options: FunctionOnDisk): Promise<WarmUpRun>;
  /** Whether the engine takes the code that was kept. */
  check(options: FunctionOnDisk): Promise<Ended>;
  close(): void;
}

/** What src/runtime/warm-up.ts tells. */
export interface WarmUpRun {
  readonly invocations: number;
  readonly isWhole: boolean;
  readonly failures: readonly string[];
  readonly required: readonly string[];
}

/** How a process ended, and the first line that it said. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** The second time, what the first one merely loaded runs; more times change nothing that can be measured. */
const timesEach = 2;
const invocationTimeoutMs = 10_000;

const timeoutMs = 60_000;

/** Whoever opens it closes it. */
export async function openWarmUp(): Promise<WarmUp> {
  const scratch = temporaryFolder("bootlace-warm-up-");
  const program = join(scratch.path, "warm-up.cjs");
  await writeFile(program, await warmUpProgram());
  return {
    async run(what, options) {
      const resultFile = join(scratch.path, "result.json");
      await rm(resultFile, { force: true });
      const { file, events } = options;
      const job = { do: what, file, events, timesEach, invocationTimeoutMs, resultFile };
      const ended = await runEngine(options, program, job);
      try {
        return JSON.parse(await readFile(resultFile, "utf8"));
      } catch {
        const failures = [`the function ended the process (${ended.said})`];
        return { invocations: 0, isWhole: false, failures, required: [] };
      }
    },
    check: (options) => runEngine(options, program, { do: "check", file: options.file }),
    close: () => scratch.remove(),
  };
}

async function runEngine(options: FunctionOnDisk, program: string, job: object): Promise<Ended> {
  const { folder, handler, environment, engine } = options;
  const { command, args, env } = hermetic([...emulatorOf(engine.arch), engine.node, program, JSON.stringify(job)], {
    ...environment,
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: handler,
  });
  const child = spawn(command, args, {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<{ code: number | null; how: string }>((resolve) => {
    child.on("error", (error) => resolve({ code: null, how: error.message }));
    child.on("close", (code, signal) => resolve({ code, how: signal ?? `exit code ${code}` }));
  });
  const [said, { code, how }] = await Promise.all([text(child.stderr), ended]);
  return {
    code,
    said: [how, ...said.trim().split("\n").slice(0, 1)]
      .filter((line) => line !== "")
      .join(", ")
      .slice(0, 300),
  };
}

async function warmUpProgram(): Promise<Uint8Array> {
  const root = packageRoot();
  const entry = sourceFile("src/runtime/warm-up");
  const { code } = await bundle({ entry, root, outFile: join(root, "warm-up.cjs"), format: "cjs", sourceMap: "none" });
  return code;
}
