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
export { runExtension } from "./run-extension.ts";
export { serveExtension } from "./serve-extension.ts";
