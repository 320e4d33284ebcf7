import { type Extension, type TelemetryBatch, telemetryExtension } from "bootlace/extension";
import { OtlpExporter } from "./otlp-exporter.ts";
import { settingsOf, signals } from "./settings.ts";

const settings = settingsOf(process.env);
for (const warning of settings.warnings) say(warning);

/** Sends the telemetry of its execution environment by OTLP/HTTP. */
export const extension: Extension = signals.some((signal) => settings.destinations[signal]) ? exporting() : idle();

function exporting(): Extension {
  let exporter: OtlpExporter | undefined;
  const { destinations, flush, timeoutMs } = settings;
  return telemetryExtension({
    types: destinations.logs === undefined ? ["platform"] : ["platform", "function"],
    // The least that Lambda takes: an invocation waits for its last record, and that time is billed.
    buffering: { timeoutMs: 25 },
    flush,
    deliverTimeoutMs: timeoutMs,
    onInit(about) {
      exporter = new OtlpExporter(about, settings, say);
    },
    async deliver(batch: TelemetryBatch, signal) {
      await exporter?.deliver(batch, signal);
    },
    async onShutdown(_event, signal) {
      await exporter?.end(signal);
    },
  });
}

/** Everything is switched off: an extension all the same, because Lambda expects that each one registers. */
function idle(): Extension {
  return { events: ["SHUTDOWN"], onInit: () => say("Nothing is sent: every signal is switched off") };
}

function say(sentence: string): void {
  console.error(`[otlp] ${sentence}`);
}
