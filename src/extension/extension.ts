import type { ExtensionEventType, InvokeEvent, ShutdownEvent } from "../protocol/extension-event.ts";
import type { RegisteredFunction } from "./extensions-api.ts";

/** An external extension: what it listens to and what it does then. A module exports it as `extension`. */
export interface Extension {
  readonly events: readonly ExtensionEventType[];
  /** Runs once between registering and the first event. A rejection ends the extension and fails the init. */
  onInit?(about: RegisteredFunction): unknown;
  /** Lambda waits for it before it freezes the environment. A rejection is logged, and the extension goes on. */
  onInvoke?(event: InvokeEvent): unknown;
  /** The last chance to flush. `signal` aborts shortly before Lambda kills the process, and the process then ends. */
  onShutdown?(event: ShutdownEvent, signal: AbortSignal): unknown;
}
