/**
 * A page of docs/manual as a program. What a reader is told by a block's first line, the test obeys:
 *
 * - `sh`: typed into one shell, from the top of the page to its end. The comment `# in a checkout of Bootlace` changes to one
 *   first, `# keeps running` starts it beside what follows, `# not tried on AWS` gives it an `aws` that checks its arguments.
 * - `text`: what the commands above it print. `…` is anything within a line and, alone on a line, any lines.
 * - any other language: a file, which the first line names in a comment (behind a `#!`, the second).
 */
export type Step =
  | { readonly type: "file"; readonly line: number; readonly path: string; readonly content: string }
  | {
      readonly type: "commands";
      readonly line: number;
      readonly script: string;
      readonly mark: Mark | undefined;
      /** Undefined where the page shows nothing. */
      readonly output: string | undefined;
    };

export type Mark = "checkout" | "keeps running" | "aws";

const marks: Readonly<Record<string, Mark>> = {
  "# in a checkout of Bootlace": "checkout",
  "# keeps running": "keeps running",
  "# not tried on AWS": "aws",
};

interface Block {
  readonly line: number;
  readonly language: string;
  readonly content: string;
}

/** The steps of a page in their order; throws with the line of a block that could not be run. */
export function stepsOf(page: string): readonly Step[] {
  const steps: Step[] = [];
  for (const block of blocksOf(page)) {
    const last = steps.at(-1);
    if (block.language === "sh") steps.push(commands(block));
    else if (block.language !== "text") steps.push(file(block));
    else if (last?.type !== "commands" || last.output !== undefined)
      throw new Error(`line ${block.line}: a "text" block stands behind the commands that print it`);
    else steps.splice(-1, 1, { ...last, output: block.content });
  }
  return steps;
}

function commands({ line, content }: Block): Step {
  const first = content.split("\n")[0] ?? "";
  // The comment may say more than the mark: "# keeps running: use a second terminal for the rest".
  const mark = Object.entries(marks).find(([comment]) => first.startsWith(comment))?.[1];
  if (/\baws (?!.*--endpoint-url)/.test(content) !== (mark === "aws"))
    throw new Error(`line ${line}: what calls AWS begins with "# not tried on AWS", and nothing else does`);
  return { type: "commands", line, script: content, mark, output: undefined };
}

function file({ line, language, content }: Block): Step {
  const [first = "", second = ""] = content.split("\n");
  const path = /^(?:#|\/\/) ([\w./-]+)$/.exec(first.startsWith("#!") ? second : first)?.[1];
  if (path === undefined)
    throw new Error(`line ${line}: a block of "${language || "no language"}" names its file in its first line`);
  return { type: "file", line, path, content };
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\S*)[^\n]*\n(.*?)^```$/gms)].map(({ index, 1: language = "", 2: content = "" }) => ({
    line: page.slice(0, index).split("\n").length + 1,
    language,
    content,
  }));
}

/** Undefined when `actual` is what the page shows, else the first line that is not there. */
export function firstDifference(shown: string, actual: string): string | undefined {
  const lines = linesOf(actual);
  let at = 0;
  let anywhere = false;
  for (const expected of linesOf(shown)) {
    if (expected === "…") {
      anywhere = true;
      continue;
    }
    const pattern = patternOf(expected);
    const found = lines.findIndex((line, index) => index >= at && pattern.test(line));
    if (found === -1 || (found !== at && !anywhere)) return expected;
    at = found + 1;
    anywhere = false;
  }
  return anywhere ? undefined : lines.slice(at).find((line) => line !== "");
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

/** What is different each time: identifiers, dates, hashes, and figures with a unit or in thousands. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/…/g, ".*"],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "[-0-9a-f]{36}"],
  [/\b[0-9a-f]{64}\b/g, "[0-9a-f]{64}"],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "[-\\dT:.]+Z"],
  [/\d[\d,.]*(?= ?(ms|s|B|kB|MB|bytes)\b)/g, "[\\d,.]+"],
  [/\b\d{1,3}(,\d{3})+\b/g, "[\\d,]+"],
];

function patternOf(line: string): RegExp {
  let pattern = "";
  let rest = line.replace(/ {2,}/g, " ");
  while (rest !== "") {
    const next = changing
      .flatMap(([what, by]) => [...rest.matchAll(what)].slice(0, 1).map((match) => ({ match, by })))
      .sort((a, b) => a.match.index - b.match.index || b.match[0].length - a.match[0].length)[0];
    const until = next?.match.index ?? rest.length;
    pattern +=
      rest
        .slice(0, until)
        .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
        .replaceAll(" ", " +") + (next?.by ?? "");
    rest = rest.slice(until + (next?.match[0].length ?? 0));
  }
  return new RegExp(`^${pattern}$`);
}
