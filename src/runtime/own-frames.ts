let hidden = false;
let own: RegExp | undefined;

/** From now on, stacks that leave the process show no frames of the runtime. Only for `bootstrap` itself. */
export function hideOwnFrames(): void {
  hidden = true;
}

/** A stack without the frames that tell the function's author nothing. */
export function withoutOwnFrames(stack: string): string {
  if (!hidden) return stack;
  own ??= ownPlaces();
  const pattern = own;
  return stack
    .split("\n")
    .filter((line) => !/^\s+at /.test(line) || !pattern.test(line))
    .join("\n");
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
