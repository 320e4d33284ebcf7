/** What only shows over time, and over several attempts: deadlines, and whose answer a caller gets. */
import type { Outcome } from "../../core/environment/effect.ts";
import type { Settings } from "../../core/environment/model.ts";
import { limits } from "../../protocol/limits.ts";
import { invariant } from "../../protocol/unreachable.ts";
import type { Attempt } from "./environment-world.ts";

/** Whoever is told of an attempt is told of one deadline. An extension may still be told of one that has its outcome. */
export function checkDeadline(attempt: Attempt | undefined, deadlineAt: number): void {
  if (attempt === undefined) return;
  attempt.deadlineAt ??= deadlineAt;
  invariant(attempt.deadlineAt === deadlineAt, "everybody is told of the same deadline");
}

interface Circumstances {
  readonly now: number;
  /** The attempt that the answer behind this outcome was an answer to, where the runtime echoed it. */
  readonly meant: string | undefined;
  readonly settings: Settings;
}

export function checkOutcome(attempt: Attempt, outcome: Outcome, { now, meant, settings }: Circumstances): void {
  invariant(meant === undefined || meant === attempt.invocationId, "nobody gets the answer to another's invocation");
  const { timeoutMs, initTimeoutMs } = settings;
  const shutdownMs = limits.shutdownExternalMs + graceMs;
  const { deadlineAt } = attempt;
  if (outcome.type === "timeout") {
    invariant(now >= attempt.acceptedAt + timeoutMs, "nobody is told of a time-out before it is over");
  }
  if (deadlineAt !== undefined) {
    invariant(now <= deadlineAt + shutdownMs, "everybody has an outcome when the deadline and a shutdown are over");
  }
  // An Init, a restore, an Init inside the invocation, and the shutdowns between them.
  const worst = initTimeoutMs + limits.restoreTimeoutMs + timeoutMs + 3 * shutdownMs;
  invariant(now <= attempt.acceptedAt + worst, "nobody waits longer than all phases together may take");
}

/** From a signal to an exit. */
const graceMs = 10;
