import type { FunctionError } from "../../src/protocol/function-error.ts";
import type { Delivery, Invocation, RuntimeApi } from "../../src/runtime/runtime-api.ts";

/** A Runtime API in memory: gives out invocations in order, writes down every call, then refuses. */
export class MemoryApi implements RuntimeApi {
  readonly calls: string[] = [];
  readonly #invocations: Invocation[];

  constructor(invocations: readonly Invocation[]) {
    this.#invocations = [...invocations];
  }

  async nextInvocation(): Promise<Delivery> {
    this.calls.push("next");
    const invocation = this.#invocations.shift();
    if (invocation === undefined) throw new Error("No more invocations");
    const { requestId } = invocation;
    const answer = async (what: string) => {
      this.calls.push(`${what} begins`);
      await Promise.resolve();
      this.calls.push(`${what} ends`);
    };
    return {
      invocation,
      reply: {
        respond: (body) => answer(`${requestId} response ${Buffer.from(body)}`),
        stream: async ({ contentType, body }) => {
          this.calls.push(`${requestId} stream of ${contentType} begins`);
          try {
            for await (const chunk of body) this.calls.push(`${requestId} chunk ${Buffer.from(chunk)}`);
            this.calls.push(`${requestId} stream ends`);
          } catch (error) {
            this.calls.push(`${requestId} stream fails: ${error}`);
          }
        },
        fail: (error) => answer(`${requestId} ${error.errorType} ${error.errorMessage}`),
      },
    };
  }

  async restoreNext(): Promise<void> {
    this.calls.push("restore next");
  }

  async reportRestoreError(error: FunctionError): Promise<void> {
    this.calls.push(`restore error ${error.errorType}`);
  }

  async reportInitError(error: FunctionError): Promise<void> {
    this.calls.push(`init error ${error.errorType}`);
  }
}

/** An invocation with a JSON event. */
export function invocation(requestId: string, event: unknown, rest: Partial<Invocation> = {}): Invocation {
  const bytes = event instanceof Uint8Array ? event : Buffer.from(JSON.stringify(event));
  return { requestId, event: bytes, invokedFunctionArn: `arn:${requestId}`, ...rest };
}
