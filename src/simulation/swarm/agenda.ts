import { invariant } from "../../protocol/unreachable.ts";

interface Entry {
  readonly at: number;
  /** Entries of one instant happen in the order in which they were made. */
  readonly order: number;
  readonly happen: () => void;
}

/** Virtual time: what will happen, and when. Nothing happens between two entries, so the clock jumps. */
export class Agenda {
  /** A heap: no entry is later than the two below it. */
  readonly #entries: Entry[] = [];
  #now = 0;
  #order = 0;

  get now(): number {
    return this.#now;
  }

  at(at: number, happen: () => void): void {
    this.#order += 1;
    this.#entries.push({ at: Math.max(at, this.#now), order: this.#order, happen });
    this.#rise(this.#entries.length - 1);
  }

  after(durationMs: number, happen: () => void): void {
    this.at(this.#now + durationMs, happen);
  }

  /** Until nothing is left to happen, or not before `until`; throws when that takes more than `most` entries. */
  run(until: number, most: number): void {
    for (let count = 0; ; count++) {
      const next = this.#entries[0];
      if (next === undefined || next.at > until) return;
      invariant(count < most, "the world comes to rest");
      this.#removeFirst();
      this.#now = next.at;
      next.happen();
    }
  }

  #removeFirst(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#sink(0);
  }

  #rise(index: number): void {
    const above = Math.floor((index - 1) / 2);
    if (index === 0 || !this.#before(index, above)) return;
    this.#swap(index, above);
    this.#rise(above);
  }

  #sink(index: number): void {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    const child = right < this.#entries.length && this.#before(right, left) ? right : left;
    if (child >= this.#entries.length || !this.#before(child, index)) return;
    this.#swap(index, child);
    this.#sink(child);
  }

  #before(index: number, other: number): boolean {
    const [a, b] = [this.#entries[index], this.#entries[other]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
  }

  #swap(index: number, other: number): void {
    const [a, b] = [this.#entries[index], this.#entries[other]];
    if (a === undefined || b === undefined) return;
    this.#entries[index] = b;
    this.#entries[other] = a;
  }
}
