import { unreachable } from "../protocol/unreachable.ts";
import type { EmulatorEvidence, SeenProcess } from "./emulator-evidence.ts";
import type { EmulatorExpectation } from "./emulator-expectation.ts";
import type { Mismatch } from "./judge-answer.ts";

export type ProcessExpectation = EmulatorExpectation & { readonly type: "signals" | "ended" | "variables" };

/** What became of a process that the emulator started. */
export function judgeSeenProcess(expectation: ProcessExpectation, evidence: EmulatorEvidence): Mismatch | undefined {
  const name = expectation.by ?? "runtime";
  const process = evidence.firsts.get(name);
  if (process === undefined) return { expected: `"${name}" is started`, saw: "it was not" };
  switch (expectation.type) {
    case "signals": {
      const { are } = expectation;
      const names = process.signals.map((signal) => signal.name);
      if (names.join() === are.join()) return undefined;
      return { expected: `"${name}" is sent ${listed(are)} before it is killed`, saw: listed(names) };
    }
    case "ended":
      return judgeEnd(name, process, expectation, evidence);
    case "variables":
      return judgeVariables(name, process, expectation);
    default:
      return unreachable(expectation);
  }
}

function judgeEnd(
  name: string,
  { goneAt, signals }: SeenProcess,
  { after, msMin, msMax }: ProcessExpectation & { type: "ended" },
  { exchanges }: EmulatorEvidence,
): Mismatch | undefined {
  const [began, since] =
    after === "signal"
      ? [signals[0]?.at, "its signal"]
      : [exchanges.get(after.answer)?.answer?.at, `"${after.answer}" was answered`];
  const expected = `"${name}" ends ${msMin} to ${msMax} ms after ${since}`;
  if (began === undefined) return { expected, saw: "that never came" };
  if (goneAt === undefined) return { expected, saw: "it lives" };
  const ms = Math.round(goneAt - began);
  return ms >= msMin && ms <= msMax ? undefined : { expected, saw: `after ${ms} ms` };
}

function judgeVariables(
  name: string,
  { variables }: SeenProcess,
  { present = [], absent = [] }: ProcessExpectation & { type: "variables" },
): Mismatch | undefined {
  const missing = present.filter((variable) => !variables.has(variable));
  const surplus = absent.filter((variable) => variables.has(variable));
  if (missing.length === 0 && surplus.length === 0) return undefined;
  const said = [
    ...(missing.length === 0 ? [] : [`${missing.join(", ")} missing`]),
    ...(surplus.length === 0 ? [] : [`${surplus.join(", ")} there`]),
  ];
  return { expected: `"${name}" has the environment variables of its kind`, saw: said.join("; ") };
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "no signal" : names.join(", ");
}
