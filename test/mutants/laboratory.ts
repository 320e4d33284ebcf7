import { type ChildProcess, fork } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Finding, Question } from "./bench.ts";
import type { Mutant } from "./mutant.ts";

export interface Survivor {
  readonly mutant: Mutant;
  readonly finding: Finding;
}

const root = join(import.meta.dirname, "../..");

/** A mutant may make a loop endless; that is noticed too. */
const answerTimeoutMs = 30_000;

/** A process keeps every copy of every module, so it is replaced before it has too many. */
const questionsMax = 80;

/** The quick ones first, the search last. */
const testFiles = [
  ...globSync("test/core/*.test.ts", { cwd: root }).sort(),
  "test/simulation/swarm.test.ts",
  "test/simulation/explore.test.ts",
];

/** Whatever the tests of the core do not notice, and what no Node could run. */
export async function survivorsOf(mutants: readonly Mutant[]): Promise<readonly Survivor[]> {
  const survivors: Survivor[] = [];
  const noticed = new Noticed();
  const queue = mutants.values();
  const lane = async () => {
    const bench = new Bench();
    for (const mutant of queue) {
      const finding = await bench.ask({ mutant, files: noticed.order(mutant.file) });
      if (finding.outcome === "killed") noticed.add(mutant.file, finding.by);
      else survivors.push({ mutant, finding });
    }
    bench.close();
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  return survivors;
}

/** The same tests without a mutant. */
export async function findingWithoutMutant(): Promise<Finding> {
  const bench = new Bench();
  const finding = await bench.ask({ mutant: undefined, files: testFiles });
  bench.close();
  return finding;
}

/** Which test files have noticed mutants of a file: whoever has noticed many is likely to notice the next. */
class Noticed {
  readonly #counts = new Map<string, number>();

  add(file: string, by: string): void {
    const key = `${file} ${by}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  order(file: string): readonly string[] {
    const search = (test: string) => (test.startsWith("test/simulation/") ? 1 : 0);
    const named = (test: string) => (basename(test, ".test.ts") === basename(file, ".ts") ? 1 : 0);
    const count = (test: string) => this.#counts.get(`${file} ${test}`) ?? 0;
    return testFiles.toSorted((a, b) => search(a) - search(b) || count(b) - count(a) || named(b) - named(a));
  }
}

/** A process for questions; another takes its place when it hangs. */
class Bench {
  #process: ChildProcess | undefined;
  #asked = 0;

  async ask(question: Question): Promise<Finding> {
    if (this.#asked === questionsMax) this.close();
    this.#process ??= fork(join(import.meta.dirname, "bench.ts"), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#asked += 1;
    const finding = await answerOf(this.#process, question);
    if (finding !== undefined) return finding;
    this.close();
    return { outcome: "killed", by: "nobody: it hangs, or ends its process" };
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
    this.#asked = 0;
  }
}

/** Undefined when it took too long, or ended without an answer. */
function answerOf(bench: ChildProcess, question: Question): Promise<Finding | undefined> {
  return new Promise((resolve) => {
    const done = (finding?: Finding) => {
      clearTimeout(timer);
      bench.removeListener("message", done);
      bench.removeListener("exit", ended);
      resolve(finding);
    };
    const ended = () => done();
    const timer = setTimeout(ended, answerTimeoutMs);
    bench.on("message", done);
    bench.on("exit", ended);
    bench.send(question);
  });
}
