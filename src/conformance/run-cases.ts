import { performance } from "node:perf_hooks";
import type { CaseFacts, CaseId, Level } from "./case.ts";
import type { CaseRecord } from "./kept-record.ts";
import { watchLoad } from "./machine-load.ts";
import { caseBudgetMs } from "./patience.ts";
import type { CaseResult, Verdict } from "./verdict.ts";
import { HarnessError } from "./verdict.ts";

/** What whoever starts a run may say, whatever is judged. */
export interface RunSettings {
  /** Cases at once, and beside them as many of those that take long; with one it is one in all. */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  /** Lengthens what the subject may take; never its clock. */
  readonly timeScale?: number;
  /** Hears each result, in the order of the cases; where a run is ended early, also those that had to wait for their turn. */
  readonly heard?: (result: CaseResult) => void;
  /** Gets all that was seen of each case. */
  readonly keep?: (id: CaseId, record: CaseRecord) => void;
}

interface Run<Case extends CaseFacts> extends RunSettings {
  readonly cases: readonly Case[];
  /**
   * Runs one case in an environment of its own, and waits `patience` times as long as it must. What it throws is our fault
   * and ends the run.
   */
  readonly judge: (testCase: Case, signal: AbortSignal, patience: number) => Promise<Verdict>;
  /** Tells whether the machine was busy since it was called. */
  readonly load?: () => () => boolean;
}

/** What is missing or late on a busy machine is looked for so many times, each with more patience, before the subject is blamed. */
const attemptsMax = 3;

/** As long after the time that a case has (`caseBudgetMs`) it is the suite that hangs. */
const harnessLimitMs = 60_000;

/** Runs cases side by side; one whose dependency failed is not reached. Everything has ended when this settles. */
export async function runCases<Case extends CaseFacts>(run: Run<Case>): Promise<readonly CaseResult[]> {
  const { cases, judge, jobs = 2, heard, timeScale = 1, load = watchLoad } = run;
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(run.signal === undefined ? [] : [run.signal])]);
  const slots = new Slots(jobs);
  const slowSlots = jobs > 1 ? new Slots(jobs) : slots;
  const results = new Map<CaseId, Promise<CaseResult>>();
  const begin = (testCase: Case): Promise<CaseResult> => {
    const begun = results.get(testCase.id);
    if (begun !== undefined) return begun;
    // A dependency that was not selected is taken for granted.
    const dependencies = cases.filter(({ id }) => testCase.dependsOn?.includes(id)).map(begin);
    const result = runCase(testCase, dependencies, testCase.slow ? slowSlots : slots, {
      judge,
      signal,
      timeScale,
      load,
    });
    result.catch((error: unknown) => failure.abort(error));
    results.set(testCase.id, result);
    return result;
  };
  const begun = cases.map(begin);
  const told = new Set<CaseId>();
  const tell = (result: CaseResult) => {
    if (told.has(result.facts.id)) return;
    told.add(result.facts.id);
    heard?.(result);
  };
  try {
    const ordered: CaseResult[] = [];
    for (const result of begun) {
      ordered.push(await result);
      tell(await result);
    }
    return ordered;
  } finally {
    for (const settled of await Promise.allSettled(begun)) if (settled.status === "fulfilled") tell(settled.value);
  }
}

/** The cases at a level or above it, whose id matches the pattern: `*` stands for any text. */
export function selectCases<Case extends CaseFacts>(
  cases: readonly Case[],
  { only = "*", level = "should" }: { readonly only?: string; readonly level?: Level },
): readonly Case[] {
  const order: readonly Level[] = ["must", "should", "may"];
  const pattern = new RegExp(`^${only.split("*").map(escaped).join(".*")}$`, "i");
  return cases.filter(({ id, level: own }) => pattern.test(id) && order.indexOf(own) <= order.indexOf(level));
}

async function runCase<Case extends CaseFacts>(
  testCase: Case,
  dependencies: readonly Promise<CaseResult>[],
  slots: Slots,
  how: Attempts<Case>,
): Promise<CaseResult> {
  for (const { facts, verdict } of await Promise.all(dependencies)) {
    if (verdict.type !== "failed" && verdict.type !== "not-reached") continue;
    if (verdict.type === "failed" && verdict.alone) continue;
    const dependency = verdict.type === "failed" ? facts.id : verdict.dependency;
    return { facts: testCase, verdict: { type: "not-reached", dependency }, durationMs: 0 };
  }
  return slots.occupy(async () => {
    how.signal.throwIfAborted();
    const startedAt = performance.now();
    const verdict = await judged(testCase, how);
    return { facts: testCase, verdict, durationMs: performance.now() - startedAt };
  });
}

interface Attempts<Case extends CaseFacts> extends Required<Pick<Run<Case>, "judge" | "load">> {
  readonly signal: AbortSignal;
  readonly timeScale: number;
}

/** Nobody is blamed for what a busy machine brings about: what fails there without anything wrong to show is done again. */
async function judged<Case extends CaseFacts>(
  testCase: Case,
  { judge, signal, timeScale, load }: Attempts<Case>,
): Promise<Verdict> {
  const before: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const wasBusy = load();
    const patience = timeScale * attempt;
    const limitMs = caseBudgetMs(patience) + harnessLimitMs;
    const verdict = await limited(testCase.id, limitMs, judge(testCase, signal, patience));
    signal.throwIfAborted();
    if (verdict.type === "passed") return { ...verdict, observations: [...verdict.observations, ...before] };
    if (verdict.type !== "failed" || verdict.shown || attempt === attemptsMax || !wasBusy()) return verdict;
    const saw = verdict.findings.map((finding) => `${finding.expected}: ${finding.saw}`).join("; ");
    before.push(`on a busy machine it failed at first (${saw})`);
  }
}

async function limited(id: CaseId, limitMs: number, work: Promise<Verdict>): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HarnessError(`Case ${id} did not end within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets so many pieces of work run at once; the others wait in line. */
class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = Math.max(1, count);
  }

  async occupy<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
