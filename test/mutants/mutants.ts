import { environmentExitsMutants } from "./environment/exits.ts";
import { environmentExtensionCallsMutants } from "./environment/extension-calls.ts";
import { environmentInitMutants } from "./environment/init.ts";
import { environmentInvokeMutants } from "./environment/invoke.ts";
import { environmentManagedMutants } from "./environment/managed.ts";
import { environmentModelMutants } from "./environment/model.ts";
import { environmentRecordsMutants } from "./environment/records.ts";
import { environmentRestoreMutants } from "./environment/restore.ts";
import { environmentRuntimeCallsMutants } from "./environment/runtime-calls.ts";
import { environmentShutdownMutants } from "./environment/shutdown.ts";
import { environmentStepMutants } from "./environment/step.ts";
import { environmentViewsMutants } from "./environment/views.ts";
import { functionStepMutants } from "./function/step.ts";
import type { Mutant } from "./mutant.ts";
import { telemetryDeliveryMutants } from "./telemetry/delivery.ts";
import { telemetryDeliveryModelMutants } from "./telemetry/delivery-model.ts";
import { telemetryEventMutants } from "./telemetry/event.ts";
import { telemetryLegacyEventMutants } from "./telemetry/legacy-event.ts";
import { telemetryLinesMutants } from "./telemetry/lines.ts";
import { telemetryLogLevelMutants } from "./telemetry/log-level.ts";
import { telemetryOtherLinesMutants } from "./telemetry/other-lines.ts";
import { telemetryPlatformEventMutants } from "./telemetry/platform-event.ts";
import { telemetrySubscribingMutants } from "./telemetry/subscribing.ts";

/** Every decision of the core, broken. */
export const mutants: readonly Mutant[] = [
  ...environmentStepMutants,
  ...environmentInitMutants,
  ...environmentInvokeMutants,
  ...environmentRuntimeCallsMutants,
  ...environmentExtensionCallsMutants,
  ...environmentExitsMutants,
  ...environmentShutdownMutants,
  ...environmentViewsMutants,
  ...environmentRecordsMutants,
  ...environmentModelMutants,
  ...telemetryLinesMutants,
  ...functionStepMutants,
  ...environmentManagedMutants,
  ...environmentRestoreMutants,
  ...telemetryOtherLinesMutants,
  ...telemetryDeliveryMutants,
  ...telemetryDeliveryModelMutants,
  ...telemetryEventMutants,
  ...telemetryPlatformEventMutants,
  ...telemetryLegacyEventMutants,
  ...telemetrySubscribingMutants,
  ...telemetryLogLevelMutants,
];
