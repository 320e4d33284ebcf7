/** Help as it fits into a terminal: its sources have lines of any length. */

/** What stands left and right of a gap, such as an option and what it does. */
const columns = /^( {2,}\S.*? {2,})(\S.*)$/;

/** A line that is typed, or that shows how one is: breaking it would make two of it. */
const typed = /^ *(bootlace|curl|echo|node) /;

/**
 * Fills paragraphs anew, and breaks what stands in a second column below itself. Lines of the first column that are
 * indented stay lines; one that is to be typed stays whole where it begins with a space.
 */
export function fitted(help: string, width: number): string {
  return paragraphs(help)
    .flatMap((line) => fittedLine(line, width))
    .join("\n");
}

/** Lines of running text that follow each other are one; all others are as they were. */
function paragraphs(help: string): readonly string[] {
  const lines: string[] = [];
  let open = false;
  for (const line of help.split("\n")) {
    const running = /^\S/.test(line) && !typed.test(line);
    const last = lines.length - 1;
    if (running && open) lines[last] += ` ${line}`;
    else lines.push(line);
    open = running;
  }
  return lines;
}

/** Of what has no room on the right. */
const below = "      ";

function fittedLine(line: string, width: number): readonly string[] {
  const [, left = "", right] = columns.exec(line) ?? [];
  if (line.length <= width || (typed.test(line) && line.startsWith(" ") && right === undefined)) return [line];
  if (right !== undefined && left.length < width / 2) return broken(left, " ".repeat(left.length), right, width);
  if (/^ +-/.test(line) && right !== undefined) return [left.trimEnd(), ...broken(below, below, right, width)];
  const spaces = /^ */.exec(line)?.[0] ?? "";
  const indent = spaces.length < width / 2 ? spaces : below;
  return broken(indent, typed.test(line) ? below : indent, line.trimStart(), width);
}

function broken(first: string, next: string, text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  // What stands apart by more than one space, such as a default in brackets, keeps its distance where it can.
  for (const [, space = "", word = ""] of text.matchAll(/(\s*)(\S+)/g)) {
    if (!empty && line.length + space.length + word.length > width) {
      lines.push(line);
      line = next;
      empty = true;
    }
    line += empty ? word : space + word;
    empty = false;
  }
  return [...lines, line];
}
