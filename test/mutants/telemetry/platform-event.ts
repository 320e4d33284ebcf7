import { of } from "../mutant.ts";

export const telemetryPlatformEventMutants = of("telemetry/platform-event.ts", [
  [
    "the first schema has a status",
    'if (schemaVersion === "2022-07-01") return { initializationType, phase, metrics };',
    "",
  ],
  ["the first schema names the environment", 'if (schemaVersion === "2022-07-01") return runtime;', ""],
  ["memory is counted in megabytes", "memoryMb * 1024 * 1024", "memoryMb"],
  ["every schema names the function", "const arn = late && invocation", "const arn = invocation"],
  ["every schema names the tenant of a start", "...(late ? tenantOf(facts) : {})", "...tenantOf(facts)"],
  ["every trace is told", "!/(^|;)\\s*Sampled=1\\s*(;|$)/.test(value) ||", ""],
  ["a trace without a root is told", " || !/(^|;)\\s*Root=/.test(value)", ""],
  [
    "Managed Instances are billed",
    'if (facts.initializationType === "lambda-managed-instances") return { durationMs: rounded(durationMs) };',
    "",
  ],
  [
    "an Init is not billed",
    "durationMs + (initDurationMs ?? restoreDurationMs ?? 0)",
    "durationMs + (restoreDurationMs ?? 0)",
  ],
  [
    "a restore is not billed",
    "durationMs + (initDurationMs ?? restoreDurationMs ?? 0)",
    "durationMs + (initDurationMs ?? 0)",
  ],
  ["durations have all their digits", "Number(durationMs.toFixed(3))", "durationMs"],
  ["spans are not dated", "start: dateOf(startAt)", "start: startAt"],
]);
