import type { ReportedResult } from "./document.ts";

/** How a result is shown everywhere: one class, which is also its colour. */
export type Outcome = (typeof outcomes)[number];

/** In the order of how much they concern whoever looks. */
export const outcomes = ["failed", "unexpected", "known", "passed", "not-reached", "not-applicable"] as const;

export function outcomeOf({ verdict, known }: Pick<ReportedResult, "verdict" | "known">): Outcome {
  if (verdict.type === "failed") return known === undefined ? "failed" : "known";
  if (verdict.type === "passed") return known === undefined ? "passed" : "unexpected";
  return verdict.type;
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  passed: "passed",
  failed: "failed",
  known: "known to fail",
  unexpected: "passed, though known to fail",
  "not-applicable": "not applicable",
  "not-reached": "not reached",
};

/** One sign for a cell; it never stands for its colour alone. */
export const outcomeSigns: Readonly<Record<Outcome, string>> = {
  passed: "✓",
  failed: "✗",
  known: "✗",
  unexpected: "!",
  "not-applicable": "–",
  "not-reached": "·",
};

/** Groups of the catalogue by the middle of their ids, in the words of a table of contents. */
const groups: Readonly<Record<string, string>> = {
  "RT-BOOT": "Start",
  "RT-INV": "Invocations",
  "RT-CTX": "What the handler learns",
  "RT-ERR": "Errors of handlers",
  "RT-INI": "Errors of Init",
  "RT-STR": "Response streaming",
  "RT-SRV": "A service that misbehaves",
  "RT-SIG": "Signals",
  "RT-LOG": "Logs",
  "RT-MUL": "Several invocations at once",
  "RT-LMI": "Managed Instances",
  "RT-SNP": "SnapStart",
  "RT-EXT": "Extensions inside the runtime",
  "RT-HDL": "Where handlers are found",
  "EXT-REG": "Registration",
  "EXT-NXT": "Events",
  "EXT-SHD": "Shutdown",
  "EXT-ERR": "Errors that it reports",
  "EXT-ENV": "Its environment",
  "EXT-TEL": "Telemetry",
  "EXT-INT": "Internal extensions",
  "SRV-RT": "Runtime API",
  "SRV-EXT": "Extensions API",
  "SRV-TEL": "Telemetry API",
  "SRV-FE": "Invocations from outside",
};

/** `RT-INV` of `RT-INV-001`. */
export function groupOf(id: string): string {
  return id.replace(/-\d+$/, "");
}

export function groupTitle(group: string): string {
  return groups[group] ?? group;
}
