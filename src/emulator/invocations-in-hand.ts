import type { Outcome } from "../core/environment/effect.ts";
import type { CallId } from "../core/environment/model.ts";
import type { Clock } from "../platform/clock.ts";
import { type FunctionError, platformErrors, responseTooLarge } from "../protocol/function-error.ts";
import { headerSafe } from "../protocol/headers.ts";
import type { Profile } from "../protocol/profile.ts";
import { timeoutPayload } from "../protocol/timeout-payload.ts";
import { invariant, unreachable } from "../protocol/unreachable.ts";
import { type AcceptedInvocation, InvocationRefusedError, type InvocationResult } from "./invocation.ts";
import { CollectedStream, PassedStream, type StreamSink, type TakeStream } from "./response-stream.ts";
import type { StreamPace } from "./stream-pace.ts";

interface InHand {
  readonly invocation: AcceptedInvocation;
  readonly resolve: (result: InvocationResult) => void;
  readonly reject: (error: InvocationRefusedError) => void;
  /** Who takes a streamed response as it comes; without, it is collected. */
  readonly streamed?: TakeStream | undefined;
  sink?: StreamSink;
}

/** How a result is worded that the platform makes. */
interface ResultWording extends Pick<Profile, "timeoutPayload"> {
  readonly clock: Clock;
}

/** What the core names by its request id: the invocations of one environment, and who waits for their results. */
export class InvocationsInHand {
  readonly #inHand = new Map<string, InHand>();
  readonly #payloadOf: (call: CallId) => Uint8Array;
  readonly #wording: ResultWording;
  readonly #pace: StreamPace | undefined;

  /** `payloadOf` gives the bytes that came on a call; `pace` slows streams down. */
  constructor(payloadOf: (call: CallId) => Uint8Array, wording: ResultWording, pace?: StreamPace) {
    this.#payloadOf = payloadOf;
    this.#wording = wording;
    this.#pace = pace;
  }

  /**
   * Resolves with what the caller gets; rejects with an `InvocationRefusedError` when it is not run. Throws where a field
   * could not be told to the runtime, or the request id is another's that is still in hand.
   */
  add(invocation: AcceptedInvocation, streamed?: TakeStream): Promise<InvocationResult> {
    const { requestId } = invocation;
    checkFields(invocation);
    if (this.#inHand.has(requestId))
      throw new TypeError(`Cannot invoke: the request id "${requestId}" is still in hand`);
    return new Promise((resolve, reject) => this.#inHand.set(requestId, { invocation, resolve, reject, streamed }));
  }

  get(requestId: string): AcceptedInvocation {
    return this.#find(requestId).invocation;
  }

  /** The runtime streams its response: where the bytes go. */
  beginStream(requestId: string, contentType: string): StreamSink {
    const inHand = this.#find(requestId);
    if (inHand.streamed === undefined) {
      inHand.sink = new CollectedStream(contentType);
      return inHand.sink;
    }
    const passed = new PassedStream(this.#pace);
    inHand.sink = passed;
    inHand.streamed({ contentType, body: passed.body });
    return passed;
  }

  complete(requestId: string, outcome: Outcome): void {
    const { resolve, reject, sink } = this.#find(requestId);
    sink?.end();
    if (outcome.type === "refused") return reject(new InvocationRefusedError(outcome.refusal));
    resolve(this.#resultOf(requestId, outcome, sink));
  }

  /** Nobody will name the others again: their phases are over. */
  keepOnly(named: (requestId: string) => boolean): void {
    for (const requestId of this.#inHand.keys()) if (!named(requestId)) this.#inHand.delete(requestId);
  }

  #resultOf(
    requestId: string,
    outcome: Exclude<Outcome, { type: "refused" }>,
    sink: StreamSink | undefined,
  ): InvocationResult {
    switch (outcome.type) {
      case "response":
        return { payload: this.#payloadOf(outcome.payloadOf) };
      case "error":
        return { payload: this.#payloadOf(outcome.payloadOf), functionError: "Unhandled" };
      case "stream":
        return this.#streamResult(outcome, sink);
      case "timeout":
        return timedOut(requestId, outcome.timeoutMs, this.#wording);
      case "fault":
        return faulted(outcome.error);
      default:
        return unreachable(outcome);
    }
  }

  /** Whoever took the stream has its bytes; what is told here is how it ended. */
  #streamResult(outcome: Outcome & { type: "stream" }, sink: StreamSink | undefined): InvocationResult {
    const trailer = this.#payloadOf(outcome.payloadOf);
    if (outcome.errorType !== undefined) return { payload: trailer, functionError: "Unhandled" };
    if (outcome.ending === "truncated")
      return faulted({ errorType: platformErrors.truncatedResponse, errorMessage: "" });
    if (!(sink instanceof CollectedStream)) return { payload: new Uint8Array() };
    if (sink.oversize) return faulted(responseTooLarge());
    return { payload: sink.payload, contentType: sink.contentType };
  }

  #find(requestId: string): InHand {
    const found = this.#inHand.get(requestId);
    invariant(found !== undefined, "an invocation in hand is known to its environment");
    return found;
  }
}

/** The text that the official emulator writes is no function error there. RIE rie/handlers.go */
function timedOut(
  requestId: string,
  timeoutMs: number,
  { timeoutPayload: wording, clock }: ResultWording,
): InvocationResult {
  const date = new Date(clock.epochMs()).toISOString();
  const payload = Buffer.from(timeoutPayload(wording, { requestId, timeoutMs, date }));
  return wording === "text" ? { payload } : { payload, functionError: "Unhandled" };
}

function faulted(error: FunctionError): InvocationResult {
  return { payload: Buffer.from(JSON.stringify(error)), functionError: "Unhandled" };
}

/** Every field but the event travels in a header, and the request id in a path as well. */
function checkFields(invocation: AcceptedInvocation): void {
  const { event: _, ...fields } = invocation;
  for (const [name, value] of Object.entries(fields)) {
    if (headerSafe(value)) continue;
    throw new TypeError(`Cannot invoke: the invocation's "${name}" has characters that no header can carry`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._~-]*$/.test(invocation.requestId)) {
    throw new TypeError(`Cannot invoke: the request id "${invocation.requestId}" cannot stand in a path`);
  }
}
