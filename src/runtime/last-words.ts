import { NativePromise } from "../platform/native-promise.ts";
import { writeAll } from "../platform/write-all.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import { currentInvocation } from "./current-invocation.ts";
import { functionErrorOf } from "./function-error.ts";
import type { InvocationInHand } from "./invocation-in-hand.ts";
import type { Log } from "./log.ts";
import type { Delivery } from "./runtime-api.ts";

/** Lambda answers a report at once; one that does not must not hold the exit up. */
const reportTimeoutMs = 2_000;

/** Whether the process is about to end, and must not ask for another invocation. */
export interface Life {
  ending: boolean;
}

/** Ends the process once: says why in the log, reports it to the Runtime API where that is still possible, exits. */
export class LastWords {
  readonly #apis: readonly InvocationInHand[];
  readonly #log: Log;
  readonly #life: Life;
  readonly #isThread: boolean;
  #spoken = false;

  constructor(apis: readonly InvocationInHand[], log: Log, life: Life, isThread = false) {
    this.#apis = apis;
    this.#log = log;
    this.#life = life;
    this.#isThread = isThread;
  }

  /** The function broke: its init, or the invocation in hand, gets the error. */
  async functionBroke(headline: string, thrown: unknown, exitCode: number): Promise<void> {
    if (this.#spoken) return;
    this.#spoken = true;
    this.#life.ending = true;
    this.#log.failure(headline, thrown);
    setTimeout(() => process.exit(exitCode), reportTimeoutMs);
    try {
      await this.#report(functionErrorOf(thrown));
    } catch (failure) {
      writeAll(2, `The Runtime API did not take the error: ${failure}\n`);
    }
    process.exit(exitCode);
  }

  /** The Runtime API broke: there is nobody left to tell. */
  apiBroke(error: unknown): void {
    if (this.#spoken) return;
    this.#spoken = true;
    writeAll(2, `${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }

  /** Of several invocations in hand, the one on whose behalf it happened is to blame; if nobody knows, all are told. */
  async #report(error: FunctionError): Promise<void> {
    const blamed = this.#apis.filter(({ phase }) => phase.at === "running" && isCurrent(phase.delivery));
    const told = this.#apis.length > 1 && blamed.length > 0 ? blamed : this.#apis;
    // Where a process ends, the platform answers for all that it had in hand. A thread ends and nobody notices.
    const others = this.#isThread ? this.#apis.filter((api) => !told.includes(api)) : [];
    await NativePromise.all([
      ...told.map((api, i) => tell(api, error, i === 0)),
      ...others.map((api) => tell(api, endedWith(error), false)),
    ]);
  }
}

function endedWith({ errorType, errorMessage }: FunctionError): FunctionError {
  const why = `The thread ended before this invocation had an answer, because of another one: ${errorType}: ${errorMessage}`;
  return { errorType: "Runtime.ExitError", errorMessage: why };
}

function isCurrent({ invocation }: Delivery): boolean {
  return invocation.requestId === currentInvocation()?.requestId;
}

async function tell(api: InvocationInHand, error: FunctionError, isFirst: boolean): Promise<void> {
  const { phase } = api;
  switch (phase.at) {
    case "init":
      return isFirst ? api.reportInitError(error) : undefined;
    case "restoring":
      return api.reportRestoreError(error);
    case "running":
      return phase.delivery.reply.fail(error);
    case "waiting":
      // Work left over from an earlier invocation: that one has its answer, and no other one is to blame.
      return;
  }
}
