import type { Outcome } from "../core/environment/effect.ts";
import type { CallId } from "../core/environment/model.ts";
import { headerSafe } from "../protocol/headers.ts";
import { invariant, unreachable } from "../protocol/unreachable.ts";
import type { AcceptedInvocation, InvocationResult } from "./invocation.ts";

interface InHand {
  readonly invocation: AcceptedInvocation;
  readonly resolve: (result: InvocationResult) => void;
}

/** What the core names by its request id: the invocations of one environment, and who waits for their results. */
export class InvocationsInHand {
  readonly #inHand = new Map<string, InHand>();
  readonly #payloadOf: (call: CallId) => Uint8Array;

  /** `payloadOf` gives the bytes that came on a call. */
  constructor(payloadOf: (call: CallId) => Uint8Array) {
    this.#payloadOf = payloadOf;
  }

  /** Resolves with what the caller gets. Throws where a field could not be told to the runtime. */
  add(invocation: AcceptedInvocation): Promise<InvocationResult> {
    checkFields(invocation);
    return new Promise((resolve) => this.#inHand.set(invocation.requestId, { invocation, resolve }));
  }

  get(requestId: string): AcceptedInvocation {
    return this.#find(requestId).invocation;
  }

  complete(requestId: string, outcome: Outcome): void {
    this.#find(requestId).resolve(this.#resultOf(outcome));
  }

  /** Its phase is over and nobody will name it again. */
  remove(requestId: string): void {
    this.#inHand.delete(requestId);
  }

  #resultOf(outcome: Outcome): InvocationResult {
    switch (outcome.type) {
      case "response":
        return { payload: this.#payloadOf(outcome.payloadOf) };
      case "error":
        return { payload: this.#payloadOf(outcome.payloadOf), functionError: "Unhandled" };
      case "fault":
        return { payload: Buffer.from(JSON.stringify(outcome.error)), functionError: "Unhandled" };
      default:
        return unreachable(outcome);
    }
  }

  #find(requestId: string): InHand {
    const found = this.#inHand.get(requestId);
    invariant(found !== undefined, "an invocation in hand is known to its environment");
    return found;
  }
}

/** Every field but the event travels in a header, and the request id in a path as well. */
function checkFields(invocation: AcceptedInvocation): void {
  const { event: _, ...fields } = invocation;
  for (const [name, value] of Object.entries(fields)) {
    if (headerSafe(value)) continue;
    throw new TypeError(`Cannot invoke: the invocation's "${name}" has characters that no header can carry`);
  }
  if (!/^[A-Za-z0-9._~-]+$/.test(invocation.requestId)) {
    throw new TypeError(`Cannot invoke: the request id "${invocation.requestId}" cannot stand in a path`);
  }
}
