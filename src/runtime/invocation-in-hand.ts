import type { FunctionError } from "../protocol/function-error.ts";
import type { Delivery, Invocation, Reply, RuntimeApi } from "./runtime-api.ts";

type Phase =
  | { readonly at: "init" }
  | { readonly at: "restoring" }
  | { readonly at: "waiting" }
  | { readonly at: "running"; readonly delivery: Delivery };

/** A Runtime API that remembers which invocation is not answered yet, for whoever must answer in the handler's place. */
export class InvocationInHand implements RuntimeApi {
  readonly #api: RuntimeApi;
  #phase: Phase = { at: "init" };
  #latest: Invocation | undefined;

  constructor(api: RuntimeApi) {
    this.#api = api;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The latest invocation. It stays until the next one, because background work goes on logging under it. */
  get latest(): Invocation | undefined {
    return this.#latest;
  }

  async nextInvocation(): Promise<Delivery> {
    this.#phase = { at: "waiting" };
    const { invocation, reply } = await this.#api.nextInvocation();
    const delivery = { invocation, reply: this.#releasing(reply) };
    this.#latest = invocation;
    this.#phase = { at: "running", delivery };
    return delivery;
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

  #releasing(reply: Reply): Reply {
    const release = () => {
      this.#phase = { at: "waiting" };
    };
    return {
      respond: (body) => {
        release();
        return reply.respond(body);
      },
      // A stream is in hand until it has ended: whatever breaks meanwhile can still be said behind it.
      stream: (response) => reply.stream(response).finally(release),
      fail: (error) => {
        release();
        return reply.fail(error);
      },
    };
  }
}
