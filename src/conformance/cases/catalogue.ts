import type { EmulatorCase } from "../emulator-case.ts";
import type { ExtensionCase } from "../extension-case.ts";
import type { RuntimeCase } from "../runtime-case.ts";
import { emulatorAnswerCases } from "./emulator-answer.ts";
import { emulatorDeliveryCases } from "./emulator-delivery.ts";
import { emulatorErrorCases } from "./emulator-error.ts";
import { emulatorExtensionCases } from "./emulator-extension.ts";
import { emulatorExtensionErrorCases } from "./emulator-extension-error.ts";
import { emulatorFrontEndCases } from "./emulator-front-end.ts";
import { emulatorHttpCases } from "./emulator-http.ts";
import { emulatorInvocationCases } from "./emulator-invocation.ts";
import { emulatorLifecycleCases } from "./emulator-lifecycle.ts";
import { emulatorModeCases } from "./emulator-mode.ts";
import { emulatorRefusalCases } from "./emulator-refusal.ts";
import { emulatorShutdownCases } from "./emulator-shutdown.ts";
import { emulatorStreamCases } from "./emulator-stream.ts";
import { emulatorTelemetryCases } from "./emulator-telemetry.ts";
import { extensionFailureCases } from "./extension-failure.ts";
import { extensionInternalCases } from "./extension-internal.ts";
import { extensionNextCases } from "./extension-next.ts";
import { extensionRegisterCases } from "./extension-register.ts";
import { extensionShutdownCases } from "./extension-shutdown.ts";
import { extensionTelemetryCases } from "./extension-telemetry.ts";
import { runtimeAttemptCases } from "./runtime-attempt.ts";
import { runtimeBootCases } from "./runtime-boot.ts";
import { runtimeContextCases } from "./runtime-context.ts";
import { runtimeDeliveryCases } from "./runtime-delivery.ts";
import { runtimeErrorCases } from "./runtime-error.ts";
import { runtimeEventHeaderCases } from "./runtime-event-headers.ts";
import { runtimeInitCases } from "./runtime-init.ts";
import { runtimeInvokeCases } from "./runtime-invoke.ts";
import { runtimeLogCases } from "./runtime-log.ts";
import { runtimeManagedCases } from "./runtime-managed.ts";
import { runtimeNodeCases } from "./runtime-node.ts";
import { runtimeProcessCases } from "./runtime-process.ts";
import { runtimeRefusalCases } from "./runtime-refusal.ts";
import { runtimeReportCases } from "./runtime-report.ts";
import { runtimeShutdownHookCases } from "./runtime-shutdown-hook.ts";
import { runtimeSnapshotCases } from "./runtime-snapshot.ts";
import { runtimeStartCases } from "./runtime-start.ts";
import { runtimeStreamCases } from "./runtime-stream.ts";
import { runtimeSurroundingsCases } from "./runtime-surroundings.ts";
import { runtimeUploadCases } from "./runtime-upload.ts";

/** Every case for runtimes, in the order of reports. */
export const runtimeCases: readonly RuntimeCase[] = [
  ...runtimeBootCases,
  ...runtimeStartCases,
  ...runtimeInvokeCases,
  ...runtimeDeliveryCases,
  ...runtimeContextCases,
  ...runtimeEventHeaderCases,
  ...runtimeAttemptCases,
  ...runtimeErrorCases,
  ...runtimeReportCases,
  ...runtimeInitCases,
  ...runtimeRefusalCases,
  ...runtimeUploadCases,
  ...runtimeProcessCases,
  ...runtimeShutdownHookCases,
  ...runtimeLogCases,
  ...runtimeSurroundingsCases,
  ...runtimeStreamCases,
  ...runtimeManagedCases,
  ...runtimeSnapshotCases,
  ...runtimeNodeCases,
];

/** Every case for extensions, in the order of reports. */
export const extensionCases: readonly ExtensionCase[] = [
  ...extensionRegisterCases,
  ...extensionNextCases,
  ...extensionShutdownCases,
  ...extensionFailureCases,
  ...extensionTelemetryCases,
  ...extensionInternalCases,
];

/** Every case for emulators, in the order of reports. */
export const emulatorCases: readonly EmulatorCase[] = [
  ...emulatorInvocationCases,
  ...emulatorDeliveryCases,
  ...emulatorRefusalCases,
  ...emulatorAnswerCases,
  ...emulatorErrorCases,
  ...emulatorHttpCases,
  ...emulatorStreamCases,
  ...emulatorLifecycleCases,
  ...emulatorModeCases,
  ...emulatorExtensionCases,
  ...emulatorExtensionErrorCases,
  ...emulatorShutdownCases,
  ...emulatorTelemetryCases,
  ...emulatorFrontEndCases,
];
