import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { codeCacheFile } from "../platform/code-cache.ts";
import { packageRoot, sourceFile } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { bundle } from "./bundle.ts";
import type { Engine } from "./engine.ts";
import { emulatorOf } from "./foreign-engine.ts";
import { hermetic } from "./hermetic.ts";

/** A function on disk whose compiled code is to be kept. */
export interface CacheOptions {
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

/** A cache that was written beside the function, or the reason why there is none. */
export type BuiltCache = {
  readonly warnings: readonly string[];
  readonly invocations: number;
} & (
  | { readonly type: "cached"; readonly path: string; readonly bytes: number }
  | { readonly type: "absent"; readonly reason: string }
);

/** The second time, what the first one merely loaded runs; more times change nothing that can be measured. */
const timesEach = 2;
const invocationTimeoutMs = 10_000;

const timeoutMs = 60_000;

/**
 * Runs the function on the engine that it will run on, without network and without credentials, and keeps the code that
 * V8 has compiled by then. A function that fails at that is built all the same: what ran until then is kept.
 */
export async function buildFunctionCache(options: CacheOptions): Promise<BuiltCache> {
  const { folder, file, engine } = options;
  const target = codeCacheFile(file, `v${engine.version}`, engine.arch === "arm64" ? "arm64" : "x64");
  await rm(join(folder, target), { force: true });
  const scratch = temporaryFolder("bootlace-warm-up-");
  try {
    const program = join(scratch.path, "warm-up.cjs");
    await writeFile(program, await warmUpProgram());
    const first = await warmedUp(options, program, scratch.path);
    const cut = first.warnings.length > 0 && !existsSync(join(folder, target));
    // A function that did not survive its events may survive its initialisation.
    const again = cut && options.events.length > 0;
    const { invocations, warnings } = again
      ? merged(first, await warmedUp({ ...options, events: [] }, program, scratch.path))
      : first;
    if (!existsSync(join(folder, target)))
      return { type: "absent", reason: warnings.at(-1) ?? "the function was not loaded", invocations, warnings };
    const check = await runEngine(options, program, { do: "check", file });
    if (check.code !== 0) {
      await rm(join(folder, target), { force: true });
      return { type: "absent", reason: `the engine does not take it back (${check.said})`, invocations, warnings };
    }
    return { type: "cached", path: target, bytes: statSync(join(folder, target)).size, invocations, warnings };
  } finally {
    scratch.remove();
  }
}

interface WarmedUp {
  readonly invocations: number;
  readonly warnings: readonly string[];
}

function merged(first: WarmedUp, second: WarmedUp): WarmedUp {
  return { invocations: 0, warnings: [...first.warnings, ...second.warnings] };
}

async function warmedUp(options: CacheOptions, program: string, scratch: string): Promise<WarmedUp> {
  const resultFile = join(scratch, "result.json");
  await rm(resultFile, { force: true });
  const { file, events } = options;
  const job = { do: "warm-up", file, events, timesEach, invocationTimeoutMs, resultFile };
  const ended = await runEngine(options, program, job);
  try {
    const { invocations, failures }: { invocations: number; failures: string[] } = JSON.parse(
      await readFile(resultFile, "utf8"),
    );
    return { invocations, warnings: [...new Set(failures)] };
  } catch {
    return { invocations: 0, warnings: [`the function ended the process (${ended.said})`] };
  }
}

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

async function runEngine(options: CacheOptions, program: string, job: object): Promise<Ended> {
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
