import type { InitializationType } from "../protocol/initialization-type.ts";
import { limits } from "../protocol/limits.ts";
import { type Profile, type ProfileName, profiles } from "../protocol/profile.ts";
import { InvalidConfigurationError } from "./function-configuration.ts";

/** How a function's environments come to be, and whose Lambda they are like. */
export interface FunctionModeInput {
  /** `aws` is Lambda as it is today; `aws-2024` as it was; `rie` the official emulator; `lmi` Managed Instances. */
  readonly profile?: ProfileName | undefined;
  /** Invocations that one environment takes at once; Managed Instances only, where it is 64 if nothing else is said. */
  readonly maxConcurrency?: number | undefined;
  /** Environments that are initialised ahead of invocations: provisioned concurrency. */
  readonly provisioned?: number | undefined;
  /** Initialises ahead of the first invocation up to a snapshot, and restores it for that. */
  readonly snapStart?: boolean | undefined;
}

export interface FunctionMode {
  readonly profile: Profile;
  /** Undefined where environments take one invocation at a time. */
  readonly maxConcurrency: number | undefined;
  readonly provisioned: number;
  readonly snapStart: boolean;
}

/** Throws `InvalidConfigurationError` for what Lambda would not do, or not do together. */
export function parseMode(input: FunctionModeInput, environmentsMax: number): FunctionMode {
  const { maxConcurrency, provisioned = 0, snapStart = false } = input;
  const name = input.profile ?? "aws";
  if (!Object.hasOwn(profiles, name)) throw new InvalidConfigurationError("profile", Object.keys(profiles).join(", "));
  const profile = profiles[name];
  if (maxConcurrency !== undefined && !profile.managed)
    throw new InvalidConfigurationError("maxConcurrency", `a value with the profile "lmi" only`);
  const { concurrencyMin, concurrencyMax } = limits;
  checkNumber("maxConcurrency", maxConcurrency ?? limits.concurrencyDefault, concurrencyMin, concurrencyMax);
  checkNumber("provisioned", provisioned, 0, environmentsMax);
  if (profile.managed && (provisioned > 0 || snapStart))
    throw new InvalidConfigurationError(snapStart ? "snapStart" : "provisioned", `no value with the profile "lmi"`);
  // DG/snapstart.html: "SnapStart does not support provisioned concurrency".
  if (snapStart && provisioned > 0)
    throw new InvalidConfigurationError("provisioned", "no value together with SnapStart");
  const atOnce = profile.managed ? (maxConcurrency ?? limits.concurrencyDefault) : undefined;
  return { profile, maxConcurrency: atOnce, provisioned, snapStart };
}

export function initializationTypeOf({ profile, snapStart }: FunctionMode, provisioned: boolean): InitializationType {
  if (profile.managed) return "lambda-managed-instances";
  if (snapStart) return "snap-start";
  return provisioned ? "provisioned-concurrency" : "on-demand";
}

function checkNumber(field: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new InvalidConfigurationError(field, `a whole number from ${min} to ${max}`);
}
