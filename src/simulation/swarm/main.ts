/**
 * `npm run simulate -- --seeds N [--from SEED]`: simulates so many swarms, and prints the first that breaks a promise with
 * as few kinds of fault as it takes. `--from SEED --seeds 1` repeats one.
 */
import { minimised, SimulationError, simulate } from "./simulate.ts";

const given = optionsOf(process.argv.slice(2));
const count = given.seeds ?? 1_000;
const from = given.from ?? 1;
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

/** The room imports nothing of Node's, so that it can run anywhere; two numbers need no parser. */
function optionsOf(args: readonly string[]): { readonly seeds?: number; readonly from?: number } {
  const options: { seeds?: number; from?: number } = {};
  for (let index = 0; index < args.length; index += 2) {
    const [name, value = ""] = args.slice(index);
    if (name !== "--seeds" && name !== "--from")
      return refuse(`There is no option "${name}": --seeds N and --from SEED`);
    if (!/^\d{1,9}$/.test(value)) return refuse(`Option "${name}" takes a whole number, not "${value}"`);
    options[name === "--seeds" ? "seeds" : "from"] = Number(value);
  }
  return options;
}

function refuse(sentence: string): never {
  console.error(sentence);
  return process.exit(2);
}
