import type { AcceptedInvocation, PlacedInvocation } from "../../emulator/invocation.ts";
import type { Invocable } from "../../emulator/lambda-function.ts";
import type { TakeStream } from "../../emulator/response-stream.ts";

/** A version of the function that can be taken out of service. */
export interface Version extends Invocable {
  /** Shuts it down and removes what was made for it. */
  close(): Promise<void>;
}

interface InService {
  readonly version: Version;
  inHand: number;
  /** Called when its last invocation is over, once it is to go. */
  drained: (() => void) | undefined;
}

/** One function whose code changes: invocations go to the newest version, and an older one goes when it is not needed. */
export class ReloadingFunction implements Invocable {
  #current: InService;
  /** Versions that have been replaced, until they are closed. */
  readonly #going = new Map<InService, Promise<void>>();
  #closed = false;

  constructor(version: Version) {
    this.#current = inService(version);
  }

  get configuration(): Invocable["configuration"] {
    return this.#current.version.configuration;
  }

  async invoke(invocation: AcceptedInvocation, streamed?: TakeStream): Promise<PlacedInvocation> {
    const taken = this.#current;
    taken.inHand += 1;
    try {
      const placed = await taken.version.invoke(invocation, streamed);
      // The phase outlasts the response: only then has the version nothing left to do.
      void placed.logTail.finally(() => leave(taken)).catch(() => {});
      return placed;
    } catch (error) {
      leave(taken);
      throw error;
    }
  }

  /**
   * Puts a version in service at once; resolves when the one before has ended its invocations and is closed. One that
   * comes after the end is closed itself.
   */
  async replace(version: Version): Promise<void> {
    if (this.#closed) return version.close();
    const old = this.#current;
    this.#current = inService(version);
    const gone = (async () => {
      if (old.inHand > 0) await new Promise<void>((resolve) => (old.drained = resolve));
      await old.version.close();
    })();
    this.#going.set(old, gone);
    await gone.finally(() => this.#going.delete(old));
  }

  /** Closes every version, whatever it is doing. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const old of this.#going.keys()) old.drained?.();
    await Promise.all([this.#current.version.close(), ...this.#going.values()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function inService(version: Version): InService {
  return { version, inHand: 0, drained: undefined };
}

function leave(version: InService): void {
  version.inHand -= 1;
  if (version.inHand === 0) version.drained?.();
}
