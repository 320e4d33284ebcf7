import { type Extension, Recording, telemetryExtension } from "bootlace/extension";
import { recordingOptions } from "./options.ts";

/** Open before this module is loaded, hence before the extension registers, hence before Lambda starts the runtime. */
const recording = await Recording.open(recordingOptions(process.env));

/** What has come so far is passed on beside the next invocation: nobody waits for it. */
const telemetry = telemetryExtension({
  types: ["platform", "function"],
  buffering: { timeoutMs: 25 },
  flush: { everyMs: 0 },
  deliver: async ({ records }) => recording.telemetry(records),
});

/** Records the runtime's calls and what an extension is told, as a wire transcript. */
export const extension: Extension = {
  events: ["INVOKE", "SHUTDOWN"],

  async onInit(about, api) {
    try {
      await telemetry.onInit?.(about, api);
    } catch (error) {
      console.error("Telemetry is not recorded:", error);
    }
  },

  onInvoke(event) {
    recording.event(event);
    return telemetry.onInvoke?.(event);
  },

  async onShutdown(event, signal) {
    recording.event(event);
    await telemetry.onShutdown?.(event, signal);
    recording.close();
  },
};
