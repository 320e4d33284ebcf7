import type { HttpClient } from "../platform/http-client.ts";
import { HttpError } from "../platform/http-error.ts";
import type { HttpRequest, HttpResponse, PreparedRequest } from "../platform/http-message.ts";
import { whenSettled } from "../platform/native-promise.ts";
import { version } from "../platform/version.ts";
import { limits } from "../protocol/limits.ts";
import { paths } from "../protocol/paths.ts";
import { received } from "./read-invocation.ts";

/** What a Runtime API client may do beyond what is always safe. */
export interface RuntimeApiOptions {
  /**
   * Whether, at the moment of an answer, the next invocation may be asked for in the same write. It saves a round trip
   * and needs a server that handles the requests of one connection in order.
   */
  readonly mayAskAhead?: () => boolean;
}

/** What tells one delivery of an event from another, also from a later attempt under the same request id. */
export interface InvocationDelivery {
  readonly requestId: string;
  readonly invocationId: string | undefined;
  readonly deadline: string | undefined;
}

/** Reads it from the answer of `next`. */
export function deliveryOf(response: HttpResponse): InvocationDelivery {
  return {
    requestId: received.requestId(response) ?? "",
    invocationId: received.invocationId(response),
    deadline: received.deadlineMs(response),
  };
}

const nextRequest = { method: "GET", path: paths.next, headers: { "User-Agent": `bootlace/${version}` } } as const;

/**
 * The one connection on which invocations come and answers go, and what is known about them when it breaks. No answer
 * is sent twice; a `next` that was not answered is asked again, for which Lambda gives the same event.
 */
export class InvocationLine {
  readonly #http: HttpClient;
  readonly #mayAskAhead: () => boolean;
  readonly #next: PreparedRequest;
  #ahead: Promise<HttpResponse> | undefined;
  #doubtful: InvocationDelivery | undefined;

  constructor(http: HttpClient, { mayAskAhead = () => false }: RuntimeApiOptions) {
    this.#http = http;
    this.#next = http.prepare(nextRequest);
    this.#mayAskAhead = mayAskAhead;
  }

  /** Waits for the answer of `next`, which may have been sent before. */
  next(): Promise<HttpResponse> {
    const asked = this.#ahead ?? this.#http.request(this.#next);
    this.#ahead = undefined;
    return whenSettled(asked, undefined, this.#askAgain);
  }

  readonly #askAgain = (error: unknown): Promise<HttpResponse> => {
    // A client that lost the event halfway has not run it.
    if (!(error instanceof HttpError) || !(error.code === "CONNECTION_LOST" || error.code === "RESPONSE_CUT_SHORT"))
      throw error;
    return this.#http.request(this.#next);
  };

  /** Sends an answer, and behind it the next `next` where that is allowed. */
  answer(request: HttpRequest): Promise<HttpResponse> {
    // A server may end the connection when it refuses an oversize body, and `next` would go with it.
    const isOversize = () => Buffer.byteLength(request.body ?? "") > limits.payloadBytesMax;
    if (!this.#mayAskAhead() || isOversize()) return this.#http.request(request);
    const [answered, ahead] = this.#http.requestBoth(request, this.#next);
    this.#ahead = ahead;
    // Whoever asks for the next invocation hears of it, if anybody does.
    whenSettled(ahead, undefined, () => {});
    return answered;
  }

  /** The answer to this delivery may or may not have arrived. */
  doubt(delivery: InvocationDelivery): void {
    this.#doubtful = delivery;
  }

  /** Whether this is the delivery whose answer is in doubt: then the answer did not arrive, and the function has run. */
  answeredBefore({ requestId, invocationId, deadline }: InvocationDelivery): boolean {
    const doubtful = this.#doubtful;
    this.#doubtful = undefined;
    return (
      doubtful !== undefined &&
      doubtful.requestId === requestId &&
      doubtful.invocationId === invocationId &&
      doubtful.deadline === deadline
    );
  }
}
