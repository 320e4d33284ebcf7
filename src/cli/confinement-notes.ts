import type { ShadowedFile } from "../emulator/merge-layers.ts";
import { type NotEnforced, notEnforcedLine } from "../emulator/supervisor/enforcement.ts";

interface Confined {
  readonly notEnforced: readonly NotEnforced[];
  readonly shadowed: readonly ShadowedFile[];
  readonly unreadable: readonly string[];
}

/** How many covered files are named. */
const namedMax = 3;

/** What a person should know before the function runs, each in one line; nothing where all is as in Lambda. */
export function confinementNotes({ notEnforced, shadowed, unreadable }: Confined): readonly string[] {
  const line = notEnforcedLine(notEnforced);
  return [
    ...(line === undefined ? [] : [line]),
    ...(shadowed.length === 0 ? [] : [shadowedLine(shadowed)]),
    ...(unreadable.length === 0 ? [] : [unreadableLine(unreadable)]),
  ];
}

function unreadableLine(unreadable: readonly string[]): string {
  const more = unreadable.length > 1 ? ` and ${unreadable.length - 1} more` : "";
  return `Lambda's user cannot read "${unreadable[0]}"${more}: give everybody the right to (chmod -R a+rX) before you pack it`;
}

function shadowedLine(shadowed: readonly ShadowedFile[]): string {
  const named = shadowed.slice(0, namedMax).map(({ path, layer, by }) => `${path} of "${layer}" by "${by}"`);
  const more = shadowed.length > namedMax ? `, and ${shadowed.length - namedMax} more` : "";
  return `Later layers cover files of earlier ones: ${named.join(", ")}${more}`;
}
