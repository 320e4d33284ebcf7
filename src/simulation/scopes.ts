/** The sizes of environment that are searched completely. */
import type { Settings } from "../core/environment/model.ts";
import type { Scope } from "./moves.ts";

export interface Space {
  readonly name: string;
  readonly kind: Kind;
  readonly settings: Settings;
  readonly scope: Scope;
}

/** Environments whose lives differ, each with a diagram of its own. */
export const kinds = ["on demand", "SnapStart", "Managed Instances"] as const;
export type Kind = (typeof kinds)[number];

const onDemand: Settings = {
  initializationType: "on-demand",
  timeoutMs: 3_000,
  initTimeoutMs: 10_000,
  externalExtensions: [],
  invocationsMax: 1,
  runtimeShutdownMs: 300,
};

const every = [["INVOKE", "SHUTDOWN"], ["INVOKE"], [], ["BOGUS"]] as const;
const usual = [["INVOKE", "SHUTDOWN"]] as const;
const shutdownOnly = [["SHUTDOWN"], ["INVOKE"]] as const;

const snapStart = { initializationType: "snap-start" } as const;
const managed = { initializationType: "lambda-managed-instances", invocationsMax: 2 } as const;

/** Searched in every test run. */
export const smallSpaces: readonly Space[] = [
  space("a runtime alone", [], [], 2, every),
  space("one external extension", ["x"], [], 3, every),
  space("one internal extension", [], ["i"], 3, every),
  space("a snapshot", [], [], 2, every, snapStart),
  space("a snapshot and an external extension", ["x"], [], 2, usual, snapStart),
  space("two invocations at once", [], [], 2, every, managed),
  space("one invocation on Managed Instances and an external extension", ["x"], [], 2, shutdownOnly, {
    ...managed,
    invocationsMax: 1,
  }),
];

/** Searched by `npm run explore` besides. */
export const largeSpaces: readonly Space[] = [
  space("an external and an internal extension", ["x"], ["i"], 3, usual),
  space("two external extensions", ["x", "y"], [], 3, usual),
  space("a snapshot and an external extension, on three connections", ["x"], [], 3, usual, snapStart),
  space("two invocations at once, on three connections", [], [], 3, usual, managed),
  space("two invocations at once and an external extension", ["x"], [], 3, shutdownOnly, managed),
  space("an environment that is made ahead", ["x"], [], 3, usual, { initializationType: "provisioned-concurrency" }),
];

function space(
  name: string,
  externalExtensions: readonly string[],
  internalExtensions: readonly string[],
  callsMax: number,
  eventSets: Scope["eventSets"],
  others: Partial<Settings> = {},
): Space {
  const settings = { ...onDemand, ...others, externalExtensions };
  return { name, kind: kindOf(settings), settings, scope: { callsMax, internalExtensions, eventSets } };
}

function kindOf({ initializationType }: Settings): Kind {
  if (initializationType === "snap-start") return "SnapStart";
  return initializationType === "lambda-managed-instances" ? "Managed Instances" : "on demand";
}
