/**
 * `npm run simulate -- --seeds N [--from SEED]`: simulates so many swarms, and prints the first that breaks a promise with
 * as few kinds of fault as it takes. `--from SEED --seeds 1` repeats one.
 */
import { parseArgs } from "node:util";
import { minimised, SimulationError, simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "1000" }, from: { type: "string", default: "1" } },
});
const count = wholeNumber("seeds", values.seeds);
const from = wholeNumber("from", values.from);
const endings: Record<string, number> = {};
const kinds: Record<string, number> = {};
for (let seed = from; seed < from + count; seed++) {
  try {
    const { swarm, endings: found } = simulate(seed);
    for (const [ending, times] of Object.entries(found)) endings[ending] = (endings[ending] ?? 0) + times;
    const { initializationType } = swarm.settings;
    kinds[initializationType] = (kinds[initializationType] ?? 0) + 1;
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    console.error(minimised(error).message);
    console.error(`\nTo see it again: npm run simulate -- --from ${seed} --seeds 1`);
    process.exit(1);
  }
}
console.log(`${count} seeds from ${from}: every promise holds`);
console.log(`functions: ${said(kinds)}`);
console.log(`invocations: ${said(endings)}`);

function said(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, times]) => `${times.toLocaleString("en")} ${what}`)
    .join(", ");
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`Option "--${name}" takes a whole number, not "${text}"`);
  return process.exit(2);
}
