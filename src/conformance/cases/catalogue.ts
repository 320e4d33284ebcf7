import type { EmulatorCase } from "../emulator-case.ts";
import type { RuntimeCase } from "../runtime-case.ts";
import { emulatorFrontEndCases } from "./emulator-front-end.ts";
import { emulatorInvocationCases } from "./emulator-invocation.ts";
import { emulatorLifecycleCases } from "./emulator-lifecycle.ts";
import { emulatorRefusalCases } from "./emulator-refusal.ts";
import { runtimeBootCases } from "./runtime-boot.ts";
import { runtimeContextCases } from "./runtime-context.ts";
import { runtimeErrorCases } from "./runtime-error.ts";
import { runtimeInvokeCases } from "./runtime-invoke.ts";

/** Every case for runtimes, in the order of reports. */
export const runtimeCases: readonly RuntimeCase[] = [
  ...runtimeBootCases,
  ...runtimeInvokeCases,
  ...runtimeContextCases,
  ...runtimeErrorCases,
];

/** Every case for emulators, in the order of reports. */
export const emulatorCases: readonly EmulatorCase[] = [
  ...emulatorInvocationCases,
  ...emulatorRefusalCases,
  ...emulatorLifecycleCases,
  ...emulatorFrontEndCases,
];
