/** Stops an environment's processes between invocations, and looks at what they were doing. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import type { Instant } from "../../core/environment/model.ts";
import type { Group } from "./cgroup.ts";
import { type FreezeFinding, type FrozenProcess, findLateTimers, findLostWork, type LostWork } from "./lost-work.ts";
import { isRunning } from "./process-table.ts";
import { signalGroup, signalOne } from "./signals.ts";

/**
 * A runtime that has asked for the next event still has to return to its event loop. Whoever is at work after this time
 * was at work before. Invocations that follow each other closely are spared the stop as well.
 */
const graceMs = 10;

/** How long the kernel may take to stop everybody before we look all the same: most often it is done at the first. */
const stopPausesMs = [0, 0, 1, 1, 2, 5, 10, 20, 50];

export interface FreezerFacts {
  readonly group: Group | undefined;
  now(): Instant;
  processes(): readonly FrozenProcess[];
  /** Those that we have spawned ourselves. */
  groups(): readonly ChildProcess[];
  /** `host:port` of the environment's own API, to which everybody is connected. */
  api(): string;
  found(lost: readonly LostWork[]): void;
}

/** When whoever brought a program into its cell is told once more to go on; the last is for a machine that is busy. */
const awakeningsMs = [10, 100, 1_000];

export class Freezer {
  readonly #facts: FreezerFacts;
  #grace: NodeJS.Timeout | undefined;
  #stopped: readonly number[] | undefined;
  #awakenings: readonly NodeJS.Timeout[] = [];
  #finding: FreezeFinding | undefined;
  #known: ReadonlySet<string> = new Set();
  #plain: ReadonlySet<string> = new Set();
  #settled: Promise<void> = Promise.resolve();
  #settle: () => void = () => {};

  constructor(facts: FreezerFacts) {
    this.#facts = facts;
  }

  /** Stops everybody when they have had time to settle. */
  freeze(): void {
    if (this.#grace !== undefined || this.#stopped !== undefined) return;
    this.#settled = new Promise((resolve) => (this.#settle = resolve));
    this.#grace = setTimeout(() => void this.#stop(), graceMs);
  }

  /** Lets everybody go on at once. */
  thaw(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
    const stopped = this.#stopped;
    if (stopped === undefined) return this.#settle();
    this.#stopped = undefined;
    const late = this.#finding === undefined ? [] : findLateTimers(this.#finding, this.#facts.now());
    this.#finding = undefined;
    if (late.length > 0) this.#facts.found(late);
    if (this.#facts.group?.freezes) this.#facts.group.freeze(false);
    else this.#goOn(stopped);
    this.#settle();
  }

  /** Resolves when a freeze that was asked for has happened and what it found has been told. */
  settled(): Promise<void> {
    return this.#settled;
  }

  close(): void {
    this.thaw();
  }

  async #stop(): Promise<void> {
    this.#grace = undefined;
    this.#stopAwakening();
    const { group } = this.#facts;
    if (group?.freezes) {
      this.#stopped = [];
      group.freeze(true);
      await until(() => group.frozen);
    } else {
      for (const { pid } of this.#facts.groups()) signalGroup(pid, "SIGSTOP");
      this.#stopped = this.#facts.processes().map(({ pid }) => pid);
      const pids = this.#stopped;
      for (const pid of pids) signalOne(pid, "SIGSTOP");
      // Whoever slept has to wake up to be stopped, and looks busy until then.
      await until(() => !pids.some(isRunning));
    }
    // Thawed while we waited for the kernel.
    if (this.#stopped === undefined) return;
    this.#look();
    this.#settle();
  }

  /** Our own children last: found awake, whoever brought a program into its cell would see it stopped and stop as well. */
  #goOn(stopped: readonly number[]): void {
    for (const pid of stopped) signalOne(pid, "SIGCONT");
    const wake = () => {
      for (const { pid } of this.#facts.groups()) signalGroup(pid, "SIGCONT");
    };
    wake();
    // nsenter may have been stopped just when it had been told of the stop of its program: it goes on, stops itself, and
    // then never hears how the program ends.
    this.#awakenings = awakeningsMs.map((ms) => setTimeout(wake, ms).unref());
  }

  #stopAwakening(): void {
    for (const timer of this.#awakenings) clearTimeout(timer);
    this.#awakenings = [];
  }

  /** What cannot be read is not reported: a look at the processes never fails an invocation. */
  #look(): void {
    const { now, processes, api, found } = this.#facts;
    const finding = findLostWork(processes(), { api: api(), known: this.#known, plain: this.#plain, at: now() });
    this.#finding = finding;
    this.#known = finding.connections;
    this.#plain = finding.plain;
    if (finding.lost.length > 0) found(finding.lost);
  }
}

async function until(stopped: () => boolean): Promise<void> {
  for (const ms of stopPausesMs) {
    if (stopped()) return;
    await (ms === 0 ? turn() : pause(ms));
  }
}
