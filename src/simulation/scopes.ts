/** The sizes of environment that are searched completely. */
import type { Settings } from "../core/environment/model.ts";
import type { Scope } from "./moves.ts";

export interface Space {
  readonly name: string;
  readonly settings: Settings;
  readonly scope: Scope;
}

const every = [["INVOKE", "SHUTDOWN"], ["INVOKE"], [], ["BOGUS"]] as const;
const usual = [["INVOKE", "SHUTDOWN"]] as const;

/** Searched in every test run. */
export const smallSpaces: readonly Space[] = [
  space("a runtime alone", [], [], 2, every),
  space("one external extension", ["x"], [], 3, every),
  space("one internal extension", [], ["i"], 3, every),
];

/** Searched by `npm run explore` besides. */
export const largeSpaces: readonly Space[] = [
  space("an external and an internal extension", ["x"], ["i"], 3, usual),
  space("two external extensions", ["x", "y"], [], 3, usual),
];

function space(
  name: string,
  externalExtensions: readonly string[],
  internalExtensions: readonly string[],
  callsMax: number,
  eventSets: Scope["eventSets"],
): Space {
  const settings = { timeoutMs: 3_000, initTimeoutMs: 10_000, externalExtensions, invocationsMax: 1 };
  return { name, settings, scope: { callsMax, internalExtensions, eventSets } };
}
