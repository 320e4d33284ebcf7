import { writeAll } from "../platform/write-all.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import type { InvocationInHand } from "./invocation-in-hand.ts";
import { logFunctionError } from "./serve.ts";

/** Lambda answers a report at once; one that does not must not hold the exit up. */
const reportTimeoutMs = 2_000;

/** Ends the process once: says why on stderr, reports it to the Runtime API where that is still possible, exits. */
export class LastWords {
  readonly #api: InvocationInHand;
  #spoken = false;

  constructor(api: InvocationInHand) {
    this.#api = api;
  }

  /** The function broke: its init, or the invocation in hand, gets the error. */
  async functionBroke(error: FunctionError, exitCode: number): Promise<void> {
    if (this.#spoken) return;
    this.#spoken = true;
    setTimeout(() => process.exit(exitCode), reportTimeoutMs);
    try {
      await this.#report(error);
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

  #report(error: FunctionError): Promise<void> {
    const { phase } = this.#api;
    switch (phase.at) {
      case "init":
        writeAll(2, readable("The function cannot start", error));
        return this.#api.reportInitError(error);
      case "running":
        logFunctionError(phase.delivery.invocation.requestId, error);
        return phase.delivery.reply.fail(error);
      case "waiting":
        // Work left over from an earlier invocation: that one has its answer, and no other one is to blame.
        writeAll(2, readable("The function broke between invocations", error));
        return Promise.resolve();
    }
  }
}

function readable(headline: string, { errorType, errorMessage, stackTrace = [] }: FunctionError): string {
  const lines = errorMessage.split("\n");
  const frames = stackTrace.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
  return `${[`${headline}: ${errorType}`, ...lines, ...frames].join("\n  ")}\n`;
}
