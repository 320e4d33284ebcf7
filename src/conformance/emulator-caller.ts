import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { statusOf, type WireExchange } from "../platform/wire-message.ts";
import { bytesOf } from "./body-literal.ts";
import type { EmulatorMove } from "./emulator-move.ts";
import type { OpenEmulator } from "./emulator-subject.ts";
import { Caller, type RawRequest, rawRequest } from "./raw-call.ts";

const throttledPauseMs = 20;
const throttledLimitMs = 20_000;

/** A caller who is throttled tries again, as SDKs do, on 503 as well: the environment may be busy with what went before. */
export class EmulatorCaller {
  readonly exchange: Promise<WireExchange>;
  #latest: Caller;
  #patient: boolean;

  constructor(open: OpenEmulator, move: EmulatorMove & { type: "invoke" }, signal: AbortSignal) {
    const authority = move.via === "url" ? (open.functionUrl ?? "") : open.authority;
    const request = requestOf(open, authority, move);
    this.#patient = move.once !== true;
    this.#latest = new Caller(authority, request, signal);
    this.exchange = this.#persist(authority, request, signal);
  }

  /** Resolves when these bytes have come. */
  saw(text: string): Promise<void> {
    return this.#latest.saw(text);
  }

  abandon(): void {
    this.#patient = false;
    this.#latest.abandon();
  }

  async #persist(authority: string, request: RawRequest, signal: AbortSignal): Promise<WireExchange> {
    const giveUpAt = performance.now() + throttledLimitMs;
    for (;;) {
      const exchange = await this.#latest.exchange;
      const throttled = exchange.answer !== undefined && [429, 503].includes(statusOf(exchange.answer));
      if (!throttled || !this.#patient || performance.now() > giveUpAt) return exchange;
      await pause(throttledPauseMs);
      if (signal.aborted) return exchange;
      this.#latest = new Caller(authority, request, signal);
    }
  }
}

function requestOf(
  { functionName }: OpenEmulator,
  authority: string,
  move: EmulatorMove & { type: "invoke" },
): RawRequest {
  const { headers = {}, via, method = "POST" } = move;
  const paths = {
    invoke: `/2015-03-31/functions/${functionName}/invocations`,
    stream: `/2021-11-15/functions/${functionName}/response-streaming-invocations`,
    url: move.path ?? "/",
  };
  const type = via === "url" ? {} : { "Content-Type": "application/json" };
  const body = method === "GET" ? {} : { body: bytesOf(move.event) };
  return rawRequest(authority, { method, path: paths[via ?? "invoke"], headers: { ...type, ...headers }, ...body });
}
