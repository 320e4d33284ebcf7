import type { InvokeEvent, ShutdownEvent } from "../protocol/extension-event.ts";
import type { Extension } from "./extension.ts";
import type { ExtensionsApi } from "./extensions-api.ts";

/** Between the end of our patience with a shutdown hook and the moment Lambda kills the process. */
const shutdownMarginMs = 100;

/** Answers events one after another and returns after SHUTDOWN. `api` has registered; rejects when it refuses. */
export async function serveExtension(api: ExtensionsApi, extension: Extension): Promise<void> {
  for (;;) {
    const event = await api.nextEvent();
    switch (event.eventType) {
      case "INVOKE":
        await invoke(extension, event);
        break;
      case "SHUTDOWN":
        await shutDown(extension, event);
        return;
      case "UNKNOWN":
        console.error(`Skipped an event of an unknown type: ${JSON.stringify(event.received).slice(0, 300)}`);
    }
  }
}

async function invoke(extension: Extension, event: InvokeEvent): Promise<void> {
  try {
    await extension.onInvoke?.(event);
  } catch (error) {
    // An extension that ends here would fail the user's function, which did nothing wrong.
    console.error("The extension's onInvoke failed:", error);
  }
}

async function shutDown(extension: Extension, event: ShutdownEvent): Promise<void> {
  const abort = new AbortController();
  const timedOut = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => {
      abort.abort();
      timedOut.resolve();
    },
    Math.max(0, event.deadlineMs - shutdownMarginMs - Date.now()),
  );
  try {
    await Promise.race([extension.onShutdown?.(event, abort.signal), timedOut.promise]);
  } catch (error) {
    console.error("The extension's onShutdown failed:", error);
  } finally {
    clearTimeout(timer);
  }
}
