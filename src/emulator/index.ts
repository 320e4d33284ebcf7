/** The door `bootlace/emulator`: Lambda's execution environment and Invoke API, for tests and tools. */

export { BadFaultPlanError, type FaultPlanInput } from "../faults/fault.ts";
export type { FiredFault } from "../faults/fault-injector.ts";
export { hostilePlan } from "../faults/hostile.ts";
export { PortTakenError } from "./api/server.ts";
export {
  type Emulated,
  type EmulatedResult,
  type EmulatedStream,
  type EmulateOptions,
  emulate,
  type InvokeOptions,
} from "./emulate.ts";
export type { LogLine } from "./environment-log.ts";
export type { Observer } from "./environment-options.ts";
export { ExecutionEnvironment } from "./execution-environment.ts";
export { MissingCodeError, PackageTooLargeError } from "./folders.ts";
export { InvalidConfigurationError } from "./function-configuration.ts";
export type { FunctionMode, FunctionModeInput } from "./function-mode.ts";
export type { FunctionOptions } from "./function-options.ts";
export { FunctionUrl, type FunctionUrlOptions, type InvokeMode } from "./function-url.ts";
export {
  type AcceptedInvocation,
  FunctionClosedError,
  InvocationRefusedError,
  type InvocationResult,
  type PlacedInvocation,
  ThrottledError,
} from "./invocation.ts";
export { type Journal, type JournalEntry, type JournalFault, type JournalLostWork, journalText } from "./journal.ts";
export { LambdaFunction } from "./lambda-function.ts";
export { LambdaService } from "./lambda-service.ts";
export { documentedPace, type StreamPace } from "./stream-pace.ts";
export type { NetworkMode } from "./supervisor/confinement.ts";
export { CannotConfineError, type NotEnforced, notEnforcedLine } from "./supervisor/enforcement.ts";
export { type Isolation, isolationOfThisMachine } from "./supervisor/isolation.ts";
export type { LostWork } from "./supervisor/lost-work.ts";
export { InvalidCorsError, type UrlCorsInput } from "./url-cors.ts";
