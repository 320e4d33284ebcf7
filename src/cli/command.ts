import { type ParseArgsConfig, parseArgs } from "node:util";
import { didYouMean } from "./did-you-mean.ts";
import { UsageError } from "./failure.ts";

/** A command of the CLI. Its file exports one of these. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints: usage, options, examples. */
  readonly help: string;
  /** The help of a part that the words name, where they name one. */
  readonly helpOf?: (words: readonly string[]) => string | undefined;
  /** Words that are the command's own, where others are for a program that it starts; those before "--" unless told. */
  readonly ownWords?: (args: readonly string[]) => readonly string[];
  /** Resolves to the exit code; `signal` is aborted by Ctrl-C. */
  run(args: readonly string[], signal: AbortSignal): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Parses a command's arguments strictly; a wrong one becomes a sentence with the way to the right ones. */
export function parseCommand<T extends Options>(command: string, args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const text = error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error);
    if (/^Unknown option '--env-file/.test(text) && options.variables !== undefined) throw new UsageError(nodesOwn);
    const unknown = /^Unknown option '--?([^']+)'/.exec(text)?.[1];
    const meant = unknown === undefined ? undefined : didYouMean(unknown, Object.keys(options));
    const hint = meant === undefined ? "" : `, did you mean "--${meant}"?`;
    throw new UsageError(`${text}${hint || ":"} "bootlace ${command} --help" lists the options`);
  }
}

/** Node looks for its option anywhere in a command line, before the program begins, and npx is such a program too. */
const nodesOwn =
  'Name the file of variables with "--variables": "--env-file" is an option of Node, which would take NODE_OPTIONS of that file for this command itself';

interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number of a command line, or a sentence that names the option and its range. */
export function wholeNumber(option: string, value: string, range: Range = { min: 0, max: 999_999_999 }): number {
  const { min, max } = range;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`Option "--${option}" takes a whole number from ${min} to ${max}, not "${value}"`);
}

/** One of a few words, however it is written, or a sentence that names the option and the words. */
export function oneOf<T extends string>(option: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  const [last = "", ...others] = words.toReversed();
  throw new UsageError(`Option "--${option}" takes ${others.toReversed().join(", ")} or ${last}, not "${value}"`);
}
