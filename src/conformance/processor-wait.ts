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
  #processes: readonly string[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #before: ReadonlyMap<string, number>;
  #sumMs = 0;
  /** By the request that came then. */
  readonly noted = new Map<WireExchange, number>();

  /** `variable` (NAME=VALUE) is what the subject's processes carry, and no others. */
  constructor(variable: string) {
    this.#variable = variable;
    this.#before = this.#waits();
  }

  /** Milliseconds since this was made. */
  ms(): number {
    const now = this.#waits();
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

  /**
   * What each thread has waited in its life. To look through all processes of a busy machine takes tens of milliseconds,
   * for which a subject would wait at each of its requests and seem patient: so that is done now and then.
   */
  #waits(): ReadonlyMap<string, number> {
    if (performance.now() - this.#lookedAtMs > lookEveryMs) {
      this.#processes = processesWith(this.#variable);
      this.#lookedAtMs = performance.now();
    }
    return new Map([ours, ...this.#processes.flatMap(threadsOf)].flatMap((thread) => waitOf(thread) ?? []));
  }
}

const lookEveryMs = 500;

const sliceMs = 100;

const ours = `${process.pid}/task/${process.pid}`;

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
