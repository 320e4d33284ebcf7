import { parseArgs } from "node:util";
import { type Choice, type Kind, kinds } from "./measures.ts";

/** What `npm run bench` was asked for. */
export interface Options extends Choice {
  readonly peers: boolean;
  readonly json: boolean;
}

/** The command line cannot be understood; the message says what to type. */
export class OptionError extends Error {}

export const help = `npm run bench -- [OPTION ...]
npm run bench -- scale [OPTION ...]     how much the emulator bears; it has a --help of its own
npm run bench -- cold [OPTION ...]      starts from a disk of which nothing is in memory; the same

  --only KIND        ${kinds.join(", ")}; all unless told
  --rounds N         rounds of each measure; enough for steady figures unless told
  --quick            a smoke run of a few seconds
  --without-peers    nothing that has to be installed first
  --json             one JSON document with all figures`;

/** Undefined when help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  return {
    only: values.only === undefined ? undefined : kindOf(values.only),
    rounds: values.rounds === undefined ? undefined : roundsOf(values.rounds),
    quick: values.quick,
    peers: !values["without-peers"],
    json: values.json,
  };
}

function parsed(args: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const options = {
    only: { type: "string" },
    rounds: { type: "string" },
    quick: flag,
    "without-peers": flag,
    json: flag,
    help: flag,
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    const text = error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error);
    throw new OptionError(`${text}: "npm run bench -- --help" lists the options`);
  }
}

function kindOf(value: string): Kind {
  const kind = kinds.find((candidate) => candidate === value);
  if (kind === undefined) throw new OptionError(`Option "--only" takes ${kinds.join(", ")}, not "${value}"`);
  return kind;
}

function roundsOf(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new OptionError(`Option "--rounds" takes a number from 1, not "${value}"`);
  return Number(value);
}
