import type { ExtensionEventType, InvokeEvent, ShutdownEvent } from "../protocol/extension-event.ts";
import type { ExtensionsApi, RegisteredFunction } from "./extensions-api.ts";

/** An external extension: what it listens to and what it does then. A module exports it as `extension`. */
export interface Extension {
  readonly events: readonly ExtensionEventType[];
  /** Runs once between registering and the first event, with the API for more. A rejection fails the init. */
  onInit?(about: RegisteredFunction, api: ExtensionsApi): unknown;
  /** Lambda waits for it before it freezes the environment. A rejection is logged, and the extension goes on. */
  onInvoke?(event: InvokeEvent): unknown;
  /** The last chance to flush. `signal` aborts shortly before Lambda kills the process, and the process then ends. */
  onShutdown?(event: ShutdownEvent, signal: AbortSignal): unknown;
}
