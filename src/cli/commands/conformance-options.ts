import type { CaseFacts, Level } from "../../conformance/case.ts";
import { selectCases } from "../../conformance/run-cases.ts";
import { shuffled } from "../../conformance/shuffle.ts";
import { wholeNumber } from "../command.ts";
import { UsageError } from "../failure.ts";

/** The cases that are asked for; with a seed in another order, which is the same for the same number. */
export function selectedCases<Case extends CaseFacts>(
  cases: readonly Case[],
  { only, level, seed }: { readonly only?: string; readonly level: string; readonly seed?: string },
): readonly Case[] {
  const levels: readonly Level[] = ["must", "should", "may"];
  const known = levels.find((candidate) => candidate === level);
  if (known === undefined) throw new UsageError(`Option "--level" takes must, should or may, not "${level}"`);
  const found = selectCases(cases, { level: known, ...(only === undefined ? {} : { only }) });
  if (found.length === 0) throw new UsageError(`No case matches "${only ?? "*"}" at level "${level}"`);
  return seed === undefined ? found : shuffled(found, wholeNumber("seed", seed));
}

/** What the subject says that it can. */
export function declaredIn<Word extends string>(declare = "", capabilities: readonly Word[]): readonly Word[] {
  return declare.split(",").flatMap((word) => {
    const known = capabilities.find((capability) => capability === word.trim());
    if (known !== undefined) return [known];
    if (word.trim() === "") return [];
    throw new UsageError(`Option "--declare" takes ${capabilities.join(", ")}, not "${word.trim()}"`);
  });
}

/** How many times as long the subject may take. */
export function timeScaleIn(text: string): number {
  const scale = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (scale >= 1) return scale;
  throw new UsageError(`Option "--time-scale" takes a number from 1 on, such as 2.5, not "${text}"`);
}

/** Variables of the function, as pairs. */
export function variablesIn(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const at = pair.indexOf("=");
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new UsageError(`Option "--env" takes NAME=VALUE, not "${pair}"`);
    }),
  );
}
