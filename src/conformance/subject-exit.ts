import type { SubjectExit } from "./subject-evidence.ts";
import { quoted } from "./text-check.ts";

/** By a limit of the service. Other signals are the process's own doing, such as an abort. */
export function killed({ how }: SubjectExit): boolean {
  return "signal" in how && (how.signal === "killed" || how.signal === "terminated");
}

export function failing({ how }: SubjectExit): boolean {
  return "signal" in how || how.code !== 0;
}

/** `status 3`, or the signal. */
export function describeExit({ how }: SubjectExit): string {
  return "code" in how ? `status ${how.code}` : `a signal (${quoted(how.signal)})`;
}
