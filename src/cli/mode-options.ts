/** The options by which commands say whose Lambda a function runs on, and how its environments come to be. */
import type { FunctionModeInput } from "../emulator/function-mode.ts";
import { limits } from "../protocol/limits.ts";
import { type ProfileName, profiles } from "../protocol/profile.ts";
import { wholeNumber } from "./command.ts";
import { UsageError } from "./failure.ts";
import type { DescribedOptions } from "./options-help.ts";

export const modeOptions = {
  profile: {
    type: "string",
    takes: "NAME",
    says: "aws, aws-2024 (as it was), rie (the official emulator)\nor lmi (Managed Instances)",
    normally: "aws",
  },
  "max-concurrency": {
    type: "string",
    takes: "NUMBER",
    says: "invocations that one environment takes at once; lmi only",
    normally: String(limits.concurrencyDefault),
  },
  provisioned: { type: "string", takes: "NUMBER", says: "environments that are initialised ahead" },
  "snap-start": { type: "boolean", says: "initialise up to a snapshot, and restore it for the invocation" },
} as const satisfies DescribedOptions;

export interface ModeValues {
  readonly profile?: string | undefined;
  readonly "max-concurrency"?: string | undefined;
  readonly provisioned?: string | undefined;
  readonly "snap-start"?: boolean | undefined;
}

export function modeOf(values: ModeValues): FunctionModeInput {
  const { profile, provisioned } = values;
  const maxConcurrency = values["max-concurrency"];
  if (profile !== undefined && !isProfile(profile)) {
    throw new UsageError(`Option "--profile" takes ${Object.keys(profiles).join(", ")}, not "${profile}"`);
  }
  if (maxConcurrency !== undefined && profile !== "lmi")
    throw new UsageError('Option "--max-concurrency" goes with "--profile lmi" only');
  const range = { min: limits.concurrencyMin, max: limits.concurrencyMax };
  return {
    profile,
    snapStart: values["snap-start"],
    ...(maxConcurrency === undefined ? {} : { maxConcurrency: wholeNumber("max-concurrency", maxConcurrency, range) }),
    ...(provisioned === undefined ? {} : { provisioned: wholeNumber("provisioned", provisioned) }),
  };
}

function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(profiles, name);
}
