import { readdirSync, readFileSync } from "node:fs";
import type { WireExchange } from "../platform/wire-message.ts";
import { processesWith } from "./process-sample.ts";

/**
 * How long a subject's requests have waited for a processor, so that a busy machine's time can be told from the subject's
 * own: by the thread of each process that waited most, and by ours, which hears them. Linux counts it in
 * /proc/PID/task/TID/schedstat; where nobody does it is nothing. https://docs.kernel.org/scheduler/sched-stats.html
 */
export class ProcessorWait {
  readonly #variable: string;
  #before: ReadonlyMap<string, number>;
  #sumMs = 0;
  /** By the request that came then. */
  readonly noted = new Map<WireExchange, number>();

  /** `variable` (NAME=VALUE) is what the subject's processes carry, and no others. */
  constructor(variable: string) {
    this.#variable = variable;
    this.#before = waits(variable);
  }

  /** Milliseconds since this was made. */
  ms(): number {
    const now = waits(this.#variable);
    const more = [...now].map(([thread, ms]) => [thread, ms - (this.#before.get(thread) ?? ms)] as const);
    const most = (whose: (thread: string) => boolean) =>
      more.reduce((sum, [thread, ms]) => (whose(thread) ? Math.max(sum, ms) : sum), 0);
    // One asks, then the other answers: their waits come one after the other.
    this.#sumMs += most((thread) => thread === ours) + most((thread) => thread !== ours);
    this.#before = now;
    return this.#sumMs;
  }

  /**
   * How much of a slice of time the subject had for itself; `pass` lets the slice pass, or ends it early. A machine that
   * stands still, as virtual ones do, tells nobody: a slice that takes far too long counts as two.
   */
  async ownMs(pass: (sliceMs: number) => Promise<unknown>): Promise<number> {
    const [began, waited] = [performance.now(), this.ms()];
    await pass(sliceMs);
    const passed = Math.min(performance.now() - began, 2 * sliceMs);
    return Math.max(0, passed - (this.ms() - waited));
  }

  note(request: WireExchange): void {
    this.noted.set(request, this.ms());
  }
}

const sliceMs = 100;

const ours = `${process.pid}/task/${process.pid}`;

/** What each thread has waited in its life. */
function waits(variable: string): ReadonlyMap<string, number> {
  const theirs = processesWith(variable).flatMap(threadsOf);
  return new Map([ours, ...theirs].flatMap((thread) => waitOf(thread) ?? []));
}

function threadsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`);
  } catch {
    return [];
  }
}

function waitOf(thread: string): readonly [readonly [string, number]] | undefined {
  try {
    const [, waitedNs] = readFileSync(`/proc/${thread}/schedstat`, "latin1").split(" ");
    return [[thread, Number(waitedNs) / 1e6]];
  } catch {
    return undefined;
  }
}
