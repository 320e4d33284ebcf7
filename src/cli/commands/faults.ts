import { explainPlan } from "../../faults/explain.ts";
import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { faultPlanOf } from "../fault-plan-file.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";

const options = {
  seed: { type: "string", takes: "NUMBER", says: "in place of the plan's own" },
  json: { type: "boolean", default: false, says: "the plan itself, with everything that it leaves out" },
} as const satisfies DescribedOptions;

const help = `bootlace faults FILE|hostile [options]

Explains a fault plan in words; runs nothing. A plan says what goes wrong on the wire between an execution environment
and its processes, below the API: the service itself stays a correct one. "hostile" is a plan that we bring along.
"bootlace invoke" and "bootlace dev" take the same plans with --faults, and a journal says which fault fired.

${optionsHelp(options)}

A plan is JSON: a seed, and faults, each with a type and with the answers that it means.

  {"seed": 7, "faults": [
    {"type": "delay", "answer": {"call": "next", "nth": 2}, "ms": 500},
    {"type": "status", "answer": {"call": "response", "nth": {"every": 3}}, "status": 500},
    {"type": "reset", "answer": {"event": "each"}, "chance": 0.1, "afterBytes": 100}]}

  answers  "each" · {"event": N} · {"call": C, "nth": N} · {"method": M, "path": P, "nth": N}
           where N is a number from 1, "each" or {"every": K}, and C is next, response, error, init-error,
           register or extension-next
  types    delay ms · trickle pieces gapMs · split bytes · chunked bytes · empty-body · reset afterBytes ·
           cut-after-head · close [silent] · status status [errorType] · refuse-early status [errorType] ·
           reset-early · no-continue ·
           set-header name value · remove-header name · odd-case · clock-skew ms

  bootlace faults hostile --seed 42
  bootlace invoke examples/hello --faults hostile --seed 42 --journal hello.journal`;

export const command: Command = {
  name: "faults",
  summary: "explain a fault plan in words; runs nothing",
  help,
  async run(args) {
    const { values, positionals } = parseCommand("faults", args, options);
    const [source, ...more] = positionals;
    if (source === undefined || more.length > 0)
      throw new UsageError('Name one fault plan: a file, or "hostile" for the one that we bring along');
    const plan = faultPlanOf(source, values.seed);
    const lines = values.json ? [JSON.stringify(plan, undefined, 2)] : explainPlan(plan);
    for (const line of lines) console.log(line);
    return exitCodes.success;
  },
};
