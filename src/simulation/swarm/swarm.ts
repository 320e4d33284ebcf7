/** One simulation, described: which kind of environments, how many, and which faults may strike. All of it follows from a seed. */
import type { Settings } from "../../core/environment/model.ts";
import type { FunctionSettings } from "../../core/function/model.ts";
import type { InitializationType } from "../../protocol/initialization-type.ts";
import { Random } from "./random.ts";

export const faultKinds = [
  "crash",
  "start-failure",
  "hang",
  "slow",
  "lost-connection",
  "truncated-answer",
  "oversize-answer",
  "invalid-mode",
  "stale-answer",
  "second-answer",
  "second-next",
  "gives-up",
  "init-error",
  "restore-error",
  "exit-error",
  "never-registers",
  "wrong-events",
  "stubborn",
  "closed-outside",
  "retry",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Swarm {
  readonly seed: number;
  readonly faults: ReadonlySet<FaultKind>;
  readonly settings: Settings;
  readonly function: FunctionSettings;
  /** Environments made ahead. */
  readonly provisioned: number;
  readonly internalExtension: boolean;
  /** Milliseconds between two callers, at most. */
  readonly rarity: number;
}

/** Half of all faults are left out of each swarm, and not the same half: some only show where others are missing. */
export function swarmOf(seed: number, without: ReadonlySet<FaultKind> = new Set()): Swarm {
  const random = new Random(seed);
  const faults = faultKinds.filter(() => random.chance(0.5)).filter((kind) => !without.has(kind));
  const types: readonly [InitializationType, ...InitializationType[]] = [
    "on-demand",
    "on-demand",
    "provisioned-concurrency",
    "snap-start",
    "lambda-managed-instances",
  ];
  const initializationType = random.pick(types);
  const invocationsMax = initializationType === "lambda-managed-instances" ? random.between(1, 4) : 1;
  const environmentsMax = random.between(1, 4);
  return {
    seed,
    faults: new Set(faults),
    settings: {
      initializationType,
      timeoutMs: random.pick([1_000, 3_000]),
      initTimeoutMs: initializationType === "on-demand" ? 10_000 : 130_000,
      externalExtensions: ["x", "y"].slice(0, random.between(0, 2)),
      invocationsMax,
      runtimeShutdownMs: random.pick([300, 600]),
    },
    function: { environmentsMax, invocationsMax, idleTimeoutMs: random.pick([500, 20_000]) },
    provisioned: initializationType === "provisioned-concurrency" ? random.between(1, environmentsMax) : 0,
    internalExtension: random.chance(0.3),
    rarity: random.pick([200, 1_000, 5_000]),
  };
}
