import { statusOf, type WireExchange } from "../platform/wire-message.ts";
import type { EmulatorEnd } from "./emulator-evidence.ts";
import type { EmulatorMove } from "./emulator-move.ts";
import { quoted } from "./text-check.ts";

/** How a case for an emulator can end, apart from what it shows. */
export const complete: EmulatorEnd = { type: "complete" };

/** The puppet's part was not done in time, so what follows says nothing about the emulator. */
export const tooSlow: EmulatorEnd = {
  type: "unclear",
  reason: "the function's time-out was over before the suite had done its part: it is too short for this machine",
};

/** Nothing happened for as long as anybody waits. */
export function stuck(move: EmulatorMove, patienceMs: number): EmulatorEnd {
  return { type: "stuck", expected: awaited(move), saw: `nothing within ${Math.round(patienceMs / 100) / 10} s` };
}

/** A caller who has an answer although no process was there to give one. */
export function answeredFirst(who: string, { answer, lost = "nothing" }: WireExchange): EmulatorEnd {
  const body = answer?.body.toString() ?? "";
  if (body.includes("Task timed out")) return tooSlow;
  const saw = answer === undefined ? lost : `${statusOf(answer)} ${quoted(body)}`;
  return { type: "stuck", expected: started(who), saw: `the caller got ${saw}` };
}

function awaited(move: EmulatorMove): string {
  switch (move.type) {
    case "await-start":
      return started(move.who ?? "runtime");
    case "await-end":
      return `${nameOf(move.by ?? "runtime")} ends`;
    case "await-any":
      return `an answer to one of "${move.of.join('", "')}"`;
    case "await-bytes":
      return `${quoted(move.text)} comes to "${move.of}" before the response has ended`;
    case "together":
      return "what was sent is taken";
    default: {
      const name = "of" in move ? move.of : "as" in move ? move.as : move.type;
      return `an answer to "${name}"`;
    }
  }
}

function started(who: string): string {
  return `${nameOf(who)} is started`;
}

function nameOf(who: string): string {
  return who === "runtime" ? "the function's bootstrap" : `the extension "${who}"`;
}
