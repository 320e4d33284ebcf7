/** The door `bootlace/extension`: what an external extension is written with. */
export type { InvokeEvent, ShutdownEvent } from "../protocol/extension-event.ts";
export type { Extension } from "./extension.ts";
export type {
  ExtensionEvent,
  ExtensionsApi,
  RegisteredFunction,
  Registration,
  UnknownEvent,
} from "./extensions-api.ts";
export { ExtensionsApiError } from "./extensions-api.ts";
export { connectExtensionsApi } from "./extensions-api-client.ts";
export { Recording, type RecordingOptions } from "./recording/recording.ts";
export { runExtension } from "./run-extension.ts";
export { serveExtension } from "./serve-extension.ts";
export { TelemetryInbox } from "./telemetry/inbox.ts";
export { InvocationLedger, type InvocationTelemetry } from "./telemetry/invocation-ledger.ts";
export type { Deliver, TelemetryBatch } from "./telemetry/outbox.ts";
export type {
  KnownTelemetryRecord,
  ReportMetrics,
  Span,
  TelemetryRecord,
  TelemetryStatus,
} from "./telemetry/record.ts";
export { subscribeToTelemetry, Telemetry } from "./telemetry/subscribe.ts";
export { SubscriptionError, type SubscriptionOptions } from "./telemetry/subscription.ts";
export {
  type FlushStrategy,
  type TelemetryExtensionOptions,
  telemetryExtension,
} from "./telemetry/telemetry-extension.ts";
