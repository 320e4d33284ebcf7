/** `npm run bench -- scale`: how much the emulator bears, and whether it stays right. */
import { parseArgs } from "node:util";
import { isolationOfThisMachine } from "../../src/emulator/index.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import { machine, load as machineLoad } from "../machine.ts";
import { OptionError } from "../options.ts";
import { churn, type Figures, load, many, ready } from "./measures.ts";
import { makeStage, type Stage } from "./stage.ts";
import { throughput } from "./throughput.ts";

export const scaleHelp = `npm run bench -- scale [OPTION ...]

  --only MEASURE     load, ready, many, churn or throughput; all unless told
  --rie PATH         the official emulator, for throughput beside it
  --quick            a smoke run of some seconds, whose figures mean nothing
  --json             one JSON document with all figures`;

interface Measure {
  readonly title: string;
  run(stage: Stage, quick: boolean, rie: string | undefined): Promise<Figures>;
}

const measures: Readonly<Record<string, Measure>> = {
  load: {
    title: "10,000 invocations by 50 callers over 50 environments",
    run: (stage, quick) => (quick ? load(stage, 40, 2) : load(stage, 10_000, 50)),
  },
  ready: {
    title: "an environment until it waits for its first event",
    run: (stage, quick) => ready(stage, quick ? 2 : 30),
  },
  many: { title: "200 environments at once in one process", run: (stage, quick) => many(stage, quick ? 3 : 200) },
  churn: {
    title: "1,000 functions made, invoked once and disposed of",
    run: (stage, quick) => churn(stage, quick ? 3 : 1_000),
  },
  throughput: {
    title: "one invocation after another",
    run: (stage, quick, rie) => throughput(stage, quick ? 1 : 20, rie),
  },
};

export async function scale(args: readonly string[]): Promise<void> {
  const { only, rie, quick, json, help } = options(args);
  if (help) return console.log(scaleHelp);
  const names = only === undefined ? Object.keys(measures) : [only];
  const folder = temporaryFolder("bootlace-scale-");
  // Whatever is left in here is ours, and nobody else's.
  process.env.TMPDIR = folder.path;
  const stage = await makeStage(folder.path);
  const found = machine();
  const isolation = isolationOfThisMachine().kind;
  const results: Record<string, Figures> = {};
  try {
    for (const name of names) {
      const measure = measures[name];
      if (measure === undefined)
        throw new OptionError(`Option "--only" takes ${Object.keys(measures).join(", ")}, not "${name}"`);
      if (!json) console.log(`${name}: ${measure.title}`);
      const figures = await measure.run(stage, quick, rie);
      results[name] = figures;
      if (!json) for (const [what, value] of Object.entries(figures)) console.log(`  ${what.padEnd(44)} ${value}`);
    }
  } finally {
    stage.layer.remove();
    folder.remove();
  }
  const where = { machine: found, isolation, loadAtEnd: machineLoad(), quick };
  if (json) console.log(JSON.stringify({ ...where, results }, undefined, 2));
  else
    console.log(
      `${found.cpu}, ${found.cores} cores, Node ${found.node}, ${found.kernel}, isolation ${isolation}, load ${found.loadAtStart} to ${where.loadAtEnd}, ${found.date.slice(0, 10)}${quick ? ", quick: the figures mean nothing" : ""}`,
    );
}

function options(args: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const known = { only: { type: "string" }, rie: { type: "string" }, quick: flag, json: flag, help: flag } as const;
  try {
    return parseArgs({ args: [...args], options: known, strict: true }).values;
  } catch (error) {
    const text = error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error);
    throw new OptionError(`${text}: "npm run bench -- scale --help" lists the options`);
  }
}
