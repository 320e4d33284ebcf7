/** A fault plan in words, for whoever has to live with it. */
import { unreachable } from "../protocol/unreachable.ts";
import type { Fault, FaultPlan, Nth } from "./fault.ts";

/** A sentence for each fault, in the plan's order, and one about its chances where it has any. */
export function explainPlan({ seed, faults }: FaultPlan): readonly string[] {
  const lines = faults.map((fault, index) => `${index + 1}. ${explainFault(fault)}`);
  if (faults.every(({ chance }) => chance === undefined)) return lines;
  return [...lines, `Seed ${seed} decides about the chances: the same calls meet the same faults again.`];
}

export function explainFault(fault: Fault): string {
  const often = fault.chance === undefined ? "" : `, with a chance of ${Number((fault.chance * 100).toFixed(2))} %`;
  return `${target(fault)}${often}: ${whatHappens(fault)}`;
}

function target({ answer }: Fault): string {
  if (answer === "each") return "Every answer";
  if ("event" in answer) return `The answer with ${which(answer.event, "event")}`;
  const call = "call" in answer ? `"${answer.call}" call` : `${answer.method} ${answer.path}`;
  return `The answer to ${which(answer.nth, call)}`;
}

function which(nth: Nth, noun: string): string {
  if (nth === "each") return `each ${noun}`;
  return typeof nth === "number" ? `${noun} number ${nth}` : `every ${ordinal(nth.every)} ${noun}`;
}

function whatHappens(fault: Fault): string {
  switch (fault.type) {
    case "remove-header":
      return `the header ${fault.name} is left out`;
    case "set-header":
      return `the header ${fault.name} is "${fault.value}"`;
    case "odd-case":
      return "the names of its headers have the case of every letter turned";
    case "status":
      return `the service takes the call, and its client is told ${refusal(fault)}`;
    case "refuse-early":
      return `${refusal(fault)} at once, and the connection ends; the service never sees the call`;
    case "reset-early":
      return "the connection is reset in place of it; the service never sees the call";
    case "no-continue":
      return "a client that asks whether it may go on is not told";
    case "empty-body":
      return "the body is empty";
    case "chunked":
      return `the body comes in chunks of ${bytes(fault.bytes)}`;
    case "trickle":
      return `the body comes in ${fault.pieces} pieces, ${fault.gapMs} ms apart`;
    case "split":
      return `head and body come in pieces of ${bytes(fault.bytes)}`;
    case "delay":
      return `it comes ${fault.ms} ms late`;
    case "close":
      return `the connection ends with it${fault.silent === true ? ", and nothing says so before" : ""}`;
    case "cut-after-head":
      return "the connection ends after the head, before the body that it announces";
    case "reset":
      return `the connection is reset after ${bytes(fault.afterBytes)}`;
    case "clock-skew":
      return `deadline and date are those of a clock that is ${Math.abs(fault.ms)} ms ${fault.ms < 0 ? "behind" : "ahead"}`;
    default:
      return unreachable(fault);
  }
}

function refusal({ status, errorType }: { readonly status: number; readonly errorType?: string | undefined }): string {
  return errorType === undefined ? String(status) : `${status} ${errorType}`;
}

function bytes(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

function ordinal(count: number): string {
  const ending = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" } as const;
  return `${count}${ending[new Intl.PluralRules("en", { type: "ordinal" }).select(count)]}`;
}
