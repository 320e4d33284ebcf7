/**
 * Runs test files, each in a process of its own, two at a time: `test/run.ts [--suite NAME] [FILE ...]`.
 * Without a suite: every `*.test.ts` outside the folders of the longer suites. Ends with `N passed, N failed`.
 */
import { fork } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import type { TestReport } from "./helpers/suite.ts";

/** Folders under test/ that are suites of their own. */
const longSuites = ["arm64", "e2e", "endurance", "interop", "oracle", "mutants", "parity", "real-software"];

/** A file that is not done by then hangs in a way no timer inside it can see, such as an endless loop. */
const fileTimeoutMs = { quick: 90_000, long: process.env.BOOTLACE_ENDURANCE === "full" ? 3_600_000 : 600_000 };

/** A file whose tests have all ended but which does not exit has left a socket, a timer or a process behind. */
const exitTimeoutMs = 10_000;

interface FileResult {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: number;
}

/** Every file begins with the same hundreds of modules: the first to read one keeps it for the others, as JavaScript. */
const compiled = mkdtempSync(join(tmpdir(), "bootlace-compiled-"));
process.on("exit", () => rmSync(compiled, { recursive: true, force: true }));

const here = import.meta.dirname;
const { values, positionals } = parseArgs({ options: { suite: { type: "string" } }, allowPositionals: true });
const files = positionals.length > 0 ? positionals : filesOf(values.suite);
const results = await settled(files, await inParallel(files, availableParallelism() + 2, runFile));
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.flatMap((result) => result.failed);
const skipped = results.reduce((sum, result) => sum + result.skipped, 0);
for (const line of failed) console.log(`FAILED ${line}`);
if (passed + failed.length + skipped === 0) console.log("No test ran, which counts as a failure");
if (passed + failed.length === 0 && skipped > 0) console.log("Nothing was checked: what the tests need is not here");
else if (skipped > 0) console.log(`${skipped} skipped: what they check is not known here`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length > 0 || passed + skipped === 0 ? 1 : 0);

/**
 * The long suites run real processes side by side, more than a small machine has cores for. A file of theirs that fails
 * beside others runs once more by itself; what passes then is told as unstable, and is somebody's to look into.
 */
async function settled(names: readonly string[], first: readonly FileResult[]): Promise<readonly FileResult[]> {
  if (values.suite === undefined || names.length < 2) return first;
  const results: FileResult[] = [];
  for (const [index, result] of first.entries()) {
    const file = names[index];
    if (result.failed.length === 0 || file === undefined) {
      results.push(result);
      continue;
    }
    const again = await runFile(file);
    if (again.failed.length === 0) for (const line of result.failed) console.log(`UNSTABLE ${line}`);
    results.push(again);
  }
  return results;
}

function filesOf(name: string | undefined): readonly string[] {
  const all = globSync("**/*.test.ts", { cwd: here, exclude: (path) => path.startsWith("fixtures") }).sort();
  const inSuite = (file: string) => longSuites.find((suite) => file.startsWith(`${suite}/`));
  return all.filter((file) => inSuite(file) === name).map((file) => join(here, file));
}

function runFile(file: string): Promise<FileResult> {
  return new Promise((resolve) => {
    const name = relative(here, file);
    const child = fork(file, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    });
    const began = performance.now();
    const failed: string[] = [];
    let output = "";
    let passed = 0;
    let skipped = 0;
    let current: string | undefined;
    let watchdog = setTimeout(
      () => child.kill("SIGKILL"),
      values.suite === undefined ? fileTimeoutMs.quick : fileTimeoutMs.long,
    );
    let done = false;
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.on("message", (report: TestReport) => {
      if (report.type === "done") {
        done = true;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => child.kill("SIGKILL"), exitTimeoutMs);
        return;
      }
      current = report.type === "started" ? report.title : undefined;
      if (report.type === "passed") passed += 1;
      if (report.type === "skipped") {
        skipped += 1;
        console.log(`SKIPPED ${name}: ${report.title}: ${report.reason}`);
      }
      if (report.type === "failed") failed.push(`${name}: ${report.title}: ${report.message.split("\n")[0]}`);
    });
    child.on("close", (code, signal) => {
      clearTimeout(watchdog);
      if (current !== undefined)
        failed.push(`${name}: ${current}: still running when the process ended (${signal ?? code})`);
      else if (done && signal === "SIGKILL")
        failed.push(`${name}: its tests ended, but something of theirs kept it running`);
      else if (code === 0 && passed + skipped === 0 && failed.length === 0) failed.push(`${name}: it ran no test`);
      else if (code !== 0 && failed.length === 0)
        failed.push(`${name}: the file ended with ${signal ?? `exit code ${code}`}`);
      if (failed.length > 0) process.stdout.write(output);
      // What something took is said of a file that passes too.
      else for (const [line] of output.matchAll(/\bTOOK .*/g)) console.log(line);
      const counts = `${passed} passed, ${failed.length} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
      console.log(
        `${failed.length === 0 ? "ok  " : "FAIL"} ${name} (${counts}, ${seconds(performance.now() - began)})`,
      );
      resolve({ passed, failed, skipped });
    });
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
