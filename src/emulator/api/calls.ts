import type { CallId } from "../../core/environment/model.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { StreamSink } from "../response-stream.ts";
import type { Exchange } from "./exchange.ts";

/** The open calls of one environment: the core names them by number, this keeps who is behind the number. */
export class Calls {
  readonly #open = new Map<CallId, Exchange>();
  readonly #payloads = new Map<CallId, Uint8Array>();
  readonly #taken = new Set<CallId>();
  readonly #sinks = new Map<CallId, StreamSink>();
  readonly #dropped: (call: CallId) => void;
  #last = 0;

  /** `dropped` hears of clients that went away while their call was held. */
  constructor(dropped: (call: CallId) => void) {
    this.#dropped = dropped;
  }

  open(exchange: Exchange): CallId {
    this.#last += 1;
    const call = this.#last;
    this.#open.set(call, exchange);
    return call;
  }

  /** As `open`, for a call that waits: `dropped` is told when its client leaves. */
  hold(exchange: Exchange): CallId {
    const call = this.open(exchange);
    exchange.onDropped(() => this.#open.delete(call) && this.#dropped(call));
    return call;
  }

  /** Whether the call still waits for its answer. */
  has(call: CallId): boolean {
    return this.#open.has(call);
  }

  /** Ends the call; undefined when its client has gone. A payload that came with it stays until it is taken. */
  take(call: CallId): Exchange | undefined {
    const exchange = this.#open.get(call);
    this.#open.delete(call);
    return exchange;
  }

  /** Ends the call with a refusal; nobody will ask for what it carried. */
  refuse(call: CallId, refusal: Refusal): void {
    this.take(call)?.refuse(refusal);
    this.#payloads.delete(call);
  }

  /** The content type of an open call's body. */
  contentTypeOf(call: CallId): string {
    return this.#open.get(call)?.header("content-type") ?? "application/octet-stream";
  }

  /** Where the body of this call goes while it is read. */
  passTo(call: CallId, sink: StreamSink): void {
    this.#sinks.set(call, sink);
  }

  takeSink(call: CallId): StreamSink | undefined {
    const sink = this.#sinks.get(call);
    this.#sinks.delete(call);
    return sink;
  }

  keepPayload(call: CallId, payload: Uint8Array): void {
    this.#payloads.set(call, payload);
  }

  /** What came on the call; until `forgetTaken`, for an error of Init is told to everybody who waits. */
  takePayload(call: CallId): Uint8Array {
    this.#taken.add(call);
    return this.#payloads.get(call) ?? new Uint8Array();
  }

  forgetTaken(): void {
    for (const call of this.#taken) this.#payloads.delete(call);
    this.#taken.clear();
  }

  /** Payloads that nobody asked for end with the processes that posted them. */
  forgetPayloads(): void {
    this.#payloads.clear();
  }
}
