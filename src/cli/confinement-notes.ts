import type { ShadowedFile } from "../emulator/merge-layers.ts";
import type { NetworkMode } from "../emulator/supervisor/confinement.ts";
import { type NotEnforced, networkLine, notEnforcedLine } from "../emulator/supervisor/enforcement.ts";

/** What a function says of its own confinement. */
export interface Confined {
  readonly network: NetworkMode;
  readonly notEnforced: readonly NotEnforced[];
  readonly shadowed: readonly ShadowedFile[];
  readonly unreadable: readonly string[];
}

/** How many covered files are named. */
const namedMax = 3;

/** What a person should know before the function runs, each in one line: who can reach it, and what is not as in Lambda. */
export function confinementNotes(confined: Confined): readonly string[] {
  const { network, notEnforced, shadowed, unreadable } = confined;
  const line = notEnforcedLine(notEnforced);
  return [
    networkLine(network),
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
