import { importFrom, requireFrom } from "../platform/module-loader.ts";

/** Modules that Node would load before the program, in the order of its command line. */
export interface Preload {
  readonly how: "require" | "import";
  readonly specifier: string;
}

/** Node's flags at the beginning of a command line, and where the program's own words begin. */
export interface NodeFlags {
  readonly preloads: readonly Preload[];
  readonly end: number;
}

/** Reads what Node itself reads in front of a file. Of the flags, those that load a module are understood. */
export function nodeFlags(words: readonly string[]): NodeFlags {
  const preloads: Preload[] = [];
  let end = 0;
  for (; end < words.length && words[end]?.startsWith("-"); end += 1) {
    const [, flag = "", value] = /^(-r|--require|--import)(?:=(.*))?$/.exec(words[end] ?? "") ?? [];
    if (flag === "") continue;
    if (value === undefined) end += 1;
    preloads.push({ how: flag === "--import" ? "import" : "require", specifier: value ?? words[end] ?? "" });
  }
  return { preloads, end };
}

/** Loads modules as Node does before the program, from the working directory. */
export async function preload(preloads: readonly Preload[]): Promise<void> {
  for (const { how, specifier } of preloads) {
    if (how === "import") await importFrom(process.cwd(), specifier);
    else requireFrom(process.cwd(), specifier);
  }
}

/** `NODE_OPTIONS` as words: spaces separate, double quotes hold together, a backslash in them takes the next as it is. */
export function wordsOf(options: string): readonly string[] {
  const words = options.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/g, (_all, inner: string) => inner.replace(/\\(.)/g, "$1")),
  );
}

/** Whether this program is inside its engine, which then leaves some of Node's flags to it. */
export function isSingleExecutable(): boolean {
  return process.argv[1] === process.execPath;
}
