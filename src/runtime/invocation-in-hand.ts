import { whenSettled } from "../platform/native-promise.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import type { Delivery, Reply, RuntimeApi, StreamedResponse } from "./runtime-api.ts";

type Phase =
  | { readonly at: "init" }
  | { readonly at: "restoring" }
  | { readonly at: "waiting" }
  | { readonly at: "running"; readonly delivery: Delivery };

/** What a log says of an invocation. */
interface Subject {
  readonly requestId: string;
  readonly tenantId: string | undefined;
}

/** A Runtime API that remembers which invocation is not answered yet, for whoever must answer in the handler's place. */
export class InvocationInHand implements RuntimeApi {
  readonly #api: RuntimeApi;
  #phase: Phase = { at: "init" };
  #latest: Subject | undefined;

  constructor(api: RuntimeApi) {
    this.#api = api;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whose the latest invocation is. It stays until the next one, because background work goes on logging under it. */
  get latest(): Subject | undefined {
    return this.#latest;
  }

  nextInvocation(): Promise<Delivery> {
    this.#phase = waiting;
    // Not awaited: what waits here for an event is what outlives collections, and makes V8 grow.
    return whenSettled(this.#api.nextInvocation(), this.#take);
  }

  reportInitError(error: FunctionError): Promise<void> {
    return this.#api.reportInitError(error);
  }

  async restoreNext(): Promise<void> {
    await this.#api.restoreNext();
    this.#phase = { at: "restoring" };
  }

  reportRestoreError(error: FunctionError): Promise<void> {
    return this.#api.reportRestoreError(error);
  }

  readonly #take = ({ invocation, reply }: Delivery): Delivery => {
    const delivery = { invocation, reply: new ReleasingReply(reply, this.#release) };
    // Not all of it: its event would wait with the process for the next one.
    this.#latest = { requestId: invocation.requestId, tenantId: invocation.tenantId };
    this.#phase = { at: "running", delivery };
    return delivery;
  };

  readonly #release = (): void => {
    this.#phase = waiting;
  };
}

const waiting: Phase = { at: "waiting" };

class ReleasingReply implements Reply {
  readonly #reply: Reply;
  readonly #release: () => void;

  constructor(reply: Reply, release: () => void) {
    this.#reply = reply;
    this.#release = release;
  }

  respond(body: Uint8Array | string): Promise<void> {
    this.#release();
    return this.#reply.respond(body);
  }

  /** In hand until it has ended: whatever breaks meanwhile can still be said behind it. */
  async stream(response: StreamedResponse): Promise<void> {
    try {
      await this.#reply.stream(response);
    } finally {
      this.#release();
    }
  }

  fail(error: FunctionError): Promise<void> {
    this.#release();
    return this.#reply.fail(error);
  }
}
