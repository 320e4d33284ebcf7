import { existsSync } from "node:fs";
import { type FaultPlan, parseFaultPlan } from "../faults/fault.ts";
import { hostilePlan } from "../faults/hostile.ts";
import { wholeNumber } from "./command.ts";
import { didYouMean } from "./did-you-mean.ts";
import { UsageError } from "./failure.ts";
import { readInput } from "./input-file.ts";

const seedRange = { min: 0, max: 0xffff_ffff };

/** The plan in a JSON file, or the one that is called `hostile`; with another seed where one is given. */
export function faultPlanOf(source: string, seed: string | undefined): FaultPlan {
  const own = seed === undefined ? undefined : wholeNumber("seed", seed, seedRange);
  if (source === "hostile") return hostilePlan(own);
  const plan = parseFaultPlan(jsonOf(source));
  return own === undefined ? plan : { ...plan, seed: own };
}

function jsonOf(file: string): unknown {
  if (!existsSync(file) && didYouMean(file, ["hostile"]) !== undefined)
    throw new UsageError(`The fault plan "${file}" does not exist, did you mean "hostile"?`);
  const text = readInput(file, "fault plan").toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The fault plan "${file}" is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
