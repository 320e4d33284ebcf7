import { statusOf, type WireExchange } from "../platform/wire-message.ts";
import type { EmulatorMove } from "./emulator-case.ts";
import type { EmulatorEnd } from "./emulator-evidence.ts";
import { quoted } from "./text-check.ts";

/** How a case for an emulator can end, apart from what it shows. */
export const complete: EmulatorEnd = { type: "complete" };

/** The puppet's part was not done in time, so what follows says nothing about the emulator. */
export const tooSlow: EmulatorEnd = {
  type: "unclear",
  reason: "the function's time-out was over before the suite had done its part: it is too short for this machine",
};

const started = "the function's bootstrap is started";

/** Nothing happened for as long as anybody waits. */
export function stuck(move: EmulatorMove, patienceMs: number): EmulatorEnd {
  const saw = `nothing within ${patienceMs / 1000} s`;
  const name = "of" in move ? move.of : "as" in move ? move.as : move.type;
  return { type: "stuck", expected: move.type === "await-runtime" ? started : `an answer to "${name}"`, saw };
}

/** A caller who has an answer although no process was there to give one. */
export function answeredFirst({ answer, lost = "nothing" }: WireExchange): EmulatorEnd {
  const body = answer?.body.toString() ?? "";
  if (body.includes("Task timed out")) return tooSlow;
  const saw = answer === undefined ? lost : `${statusOf(answer)} ${quoted(body)}`;
  return { type: "stuck", expected: started, saw: `the caller got ${saw}` };
}
