import { performance } from "node:perf_hooks";
import type { CaseFacts, CaseId, Level } from "./case.ts";
import type { CaseRecord } from "./kept-record.ts";
import type { CaseResult, Verdict } from "./verdict.ts";
import { HarnessError } from "./verdict.ts";

/** What whoever starts a run may say, whatever is judged. */
export interface RunSettings {
  /** Cases at once. */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  /** Hears each result, in the order of the cases; where a run is ended early, also those that had to wait for their turn. */
  readonly heard?: (result: CaseResult) => void;
  /** Gets all that was seen of each case. */
  readonly keep?: (id: CaseId, record: CaseRecord) => void;
}

interface Run<Case extends CaseFacts> extends RunSettings {
  readonly cases: readonly Case[];
  /** Runs one case in an environment of its own. What it throws is our fault and ends the run. */
  readonly judge: (testCase: Case, signal: AbortSignal) => Promise<Verdict>;
}

/** No case comes near it: every wait inside one has a limit of its own, so this one is the suite's failure. */
const caseLimitMs = 120_000;

/** Runs cases side by side; one whose dependency failed is not reached. Everything has ended when this settles. */
export async function runCases<Case extends CaseFacts>(run: Run<Case>): Promise<readonly CaseResult[]> {
  const { cases, judge, jobs = 2, heard } = run;
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(run.signal === undefined ? [] : [run.signal])]);
  const slots = new Slots(jobs);
  const results = new Map<CaseId, Promise<CaseResult>>();
  const begin = (testCase: Case): Promise<CaseResult> => {
    const begun = results.get(testCase.id);
    if (begun !== undefined) return begun;
    // A dependency that was not selected is taken for granted.
    const dependencies = cases.filter(({ id }) => testCase.dependsOn?.includes(id)).map(begin);
    const result = runCase(testCase, dependencies, slots, { judge, signal });
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
  { judge, signal }: { readonly judge: Run<Case>["judge"]; readonly signal: AbortSignal },
): Promise<CaseResult> {
  for (const { facts, verdict } of await Promise.all(dependencies)) {
    if (verdict.type !== "failed" && verdict.type !== "not-reached") continue;
    const dependency = verdict.type === "failed" ? facts.id : verdict.dependency;
    return { facts: testCase, verdict: { type: "not-reached", dependency }, durationMs: 0 };
  }
  return slots.occupy(async () => {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const verdict = await limited(testCase.id, judge(testCase, signal));
    signal.throwIfAborted();
    return { facts: testCase, verdict, durationMs: performance.now() - startedAt };
  });
}

async function limited(id: CaseId, work: Promise<Verdict>): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HarnessError(`Case ${id} did not end within ${caseLimitMs} ms`)), caseLimitMs);
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
