import { performance } from "node:perf_hooks";
import type { WireExchange, WireMessage } from "../platform/wire-message.ts";
import type { WireReader } from "../platform/wire-reader.ts";
import { messageReader } from "./raw-call.ts";

interface Waiting {
  readonly request: WireMessage;
  readonly at: number;
  readonly resolve: (exchange: WireExchange) => void;
}

/** One connection of a puppet to an API, as the suite sees it: requests that went out, answers in the same order. */
export class PuppetConnection {
  readonly number: number;
  readonly #reader: WireReader;
  readonly #waiting: Waiting[] = [];
  readonly #opened = Promise.withResolvers<void>();
  readonly #continued: (() => void)[] = [];
  #reason = "the connection was closed without an answer";
  #wrote = 0;
  #closed = false;
  readonly #writers: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(number: number) {
    this.number = number;
    this.#reader = messageReader(
      (answer) => this.#settle({ answer: { ...answer, at: performance.now() } }),
      (reason) => this.#settle({ lost: `the answer is no HTTP/1.1: ${reason}` }),
      () => this.#continue(),
    );
  }

  /** Resolves when it is open, or will never be. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** The answer to a request that goes out now. */
  expect(request: WireMessage): Promise<WireExchange> {
    const at = performance.now();
    if (this.#closed) return Promise.resolve({ connection: this.number, at, request, lost: this.#reason });
    return new Promise((resolve) => this.#waiting.push({ request, at, resolve }));
  }

  /** Resolves when the server has said `100 Continue`, or will not. */
  continued(): Promise<void> {
    return new Promise((resolve) => this.#continued.push(resolve));
  }

  /** Resolves when so many writes of this connection have gone out, or never will. */
  written(count: number): Promise<void> {
    if (this.#wrote >= count) return Promise.resolve();
    return new Promise((resolve) => this.#writers.push({ count, resolve }));
  }

  open(): void {
    this.#opened.resolve();
  }

  wrote(): void {
    this.#wrote += 1;
    for (const writer of this.#writers) if (writer.count <= this.#wrote) writer.resolve();
  }

  hear(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  fail(reason: string): void {
    this.#reason = `the connection was lost: ${reason}`;
  }

  close(reason = this.#reason): void {
    this.#reason = reason;
    this.#closed = true;
    this.#opened.resolve();
    this.#continue();
    for (const { resolve } of this.#writers.splice(0)) resolve();
    this.#wrote = Number.POSITIVE_INFINITY;
    this.#reader.close();
    while (this.#waiting.length > 0) this.#settle({ lost: reason });
  }

  #continue(): void {
    for (const resolve of this.#continued.splice(0)) resolve();
  }

  #settle(end: Pick<WireExchange, "answer"> | Pick<WireExchange, "lost">): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    const { request, at, resolve } = waiting;
    resolve({ connection: this.number, at, request, sentAt: at, ...end });
  }
}
