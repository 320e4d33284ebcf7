let hidden = false;
let own: RegExp | undefined;

/** From now on, stacks that leave the process show no frames of the runtime. Only for `bootstrap` itself. */
export function hideOwnFrames(): void {
  hidden = true;
}

/** A stack without the frames that tell the function's author nothing: the runtime's, and Node's that called it. */
export function withoutOwnFrames(stack: string): string {
  if (!hidden) return stack;
  own ??= ownPlaces();
  const pattern = own;
  const lines = stack.split("\n");
  const isOwn = (line: string) => isFrame(line) && pattern.test(line);
  const lastOfFunction = lines.findLastIndex((line) => !isOwn(line) && !isNodes(line));
  const kept = lines.slice(lastOfFunction + 1).some(isOwn) ? lines.slice(0, lastOfFunction + 1) : lines;
  return kept.filter((line) => !isFrame(line) || !pattern.test(line)).join("\n");
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

function isNodes(line: string): boolean {
  return isFrame(line) && /\(node:|\(<anonymous>\)$| at node:| at async Promise\.all /.test(line);
}

/** Every module of a checkout or of the npm package; the one file of a bundle. Looked for late: most never fail. */
function ownPlaces(): RegExp {
  const [, frame = ""] = String(new Error().stack).split("\n");
  const place = /((?:file:\/\/)?[^\s()]+):\d+:\d+\)?$/.exec(frame)?.[1];
  if (place === undefined) return /^(?!)/;
  const source = /^(.*\/src\/)runtime\/own-frames\.[jt]s$/.exec(place)?.[1];
  const prefix = source === undefined ? `${escaped(place)}:\\d` : `${escaped(source)}(?:runtime|platform|extension)/`;
  return new RegExp(`[ (]${prefix}`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
