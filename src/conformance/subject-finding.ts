/** Questions to the evidence that several judges ask, and what they answer. */

import { targetOf, type WireExchange } from "../platform/wire-message.ts";
import type { RequestSelector } from "./subject-case.ts";
import type { SubjectEvidence } from "./subject-evidence.ts";

export type SubjectFinding =
  /** An expectation that did not hold, with the exchange that shows it; `late` where that is wrong for its time alone. */
  | {
      readonly type?: "failed";
      readonly expected: string;
      readonly saw: string;
      readonly exchange?: WireExchange;
      readonly late?: true;
    }
  /** Something to note. */
  | { readonly type: "observed"; readonly text: string }
  /** It cannot be told whether the expectation holds. */
  | { readonly type: "unclear"; readonly reason: string };

export function matching(
  { method, path }: RequestSelector,
  { exchanges }: Pick<SubjectEvidence, "exchanges">,
): readonly WireExchange[] {
  return exchanges.filter(({ request }) => {
    const target = targetOf(request);
    return target.method === method && target.path === path;
  });
}

export function select(selector: RequestSelector, evidence: SubjectEvidence): WireExchange | undefined {
  return matching(selector, evidence)[(selector.nth ?? 1) - 1];
}

export function named({ method, path, nth = 1 }: RequestSelector): string {
  return `${method} ${path}${nth === 1 ? "" : ` (number ${nth})`}`;
}

/** Why something is missing, as far as the evidence knows. */
export function silence({ exits, cutShort, faults, exchanges }: SubjectEvidence): string {
  if (cutShort !== undefined) return `none, until ${cutShort}`;
  const [fault] = faults;
  if (fault !== undefined) return `none, and connection ${fault.connection} is no HTTP/1.1: ${fault.reason}`;
  const [exit] = exits;
  if (exit === undefined) return exchanges.length === 0 ? "no request at all" : "none";
  if ("code" in exit.how) return `none, and the process ended with status ${exit.how.code}`;
  const { signal } = exit.how;
  if (signal !== "killed" && signal !== "terminated") return `none, and the process ended by a signal (${signal})`;
  return `none, and the process was ended by a signal (${signal}), as the service does when a limit is over`;
}
