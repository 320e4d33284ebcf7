/** What a subscriber may read, as a schema for each version: strict, so that nothing is there that is not listed. */
import { z } from "zod";
import type { SchemaVersion, TelemetryApi } from "../telemetry.ts";

const time = z.iso.datetime({ precision: 3 });
const whole = z.int().nonnegative();
const durationMs = z.number().nonnegative();
const initializationType = z.enum(["on-demand", "provisioned-concurrency", "snap-start", "lambda-managed-instances"]);
const phase = z.enum(["init", "invoke", "snap-start"]);
const status = z.enum(["success", "failure", "error", "timeout"]);
const errorType = z.string().min(1).optional();
const spans = z.array(z.strictObject({ name: z.string(), start: time, durationMs })).optional();
const tracing = z
  .strictObject({ spanId: z.string().optional(), type: z.literal("X-Amzn-Trace-Id"), value: z.string() })
  .optional();
const types = z.array(z.enum(["platform", "function", "extension"]));
const state = z.enum(["Subscribed", "Already subscribed"]);
const runtime = { runtimeVersion: z.string().optional(), runtimeVersionArn: z.string().optional() };
const environment = {
  ...runtime,
  functionName: z.string(),
  functionVersion: z.string(),
  instanceId: z.string().optional(),
  instanceMaxMemory: whole.optional(),
};
/** Of Managed Instances there is only the first. */
const reportMetrics = z.strictObject({
  durationMs,
  billedDurationMs: whole.optional(),
  memorySizeMB: whole.optional(),
  maxMemoryUsedMB: whole.optional(),
  initDurationMs: durationMs.optional(),
  restoreDurationMs: durationMs.optional(),
  billedRestoreDurationMs: whole.optional(),
});

function event<T extends string, R extends z.ZodType>(type: T, record: R) {
  return z.strictObject({ time, type: z.literal(type), record });
}

/** In every version of both APIs. */
const common = [
  event(
    "platform.extension",
    z.strictObject({ name: z.string(), state: z.string(), events: z.array(z.enum(["INVOKE", "SHUTDOWN"])), errorType }),
  ),
  event("platform.logsDropped", z.strictObject({ droppedBytes: whole, droppedRecords: whole, reason: z.string() })),
] as const;

const logsOnly = [
  event("platform.logsSubscription", z.strictObject({ name: z.string(), state, types })),
  event("platform.end", z.strictObject({ requestId: z.string() })),
  event("platform.fault", z.string()),
] as const;

const telemetryOnly = [
  event("platform.telemetrySubscription", z.strictObject({ name: z.string(), state, types })),
] as const;

const textLines = [event("function", z.string()), event("extension", z.string())] as const;

const anyLine = z.union([z.string(), z.record(z.string(), z.unknown())]);
const anyLines = [event("function", anyLine), event("extension", anyLine)] as const;

const old = [
  event("platform.start", z.strictObject({ requestId: z.string(), version: z.string() })),
  event("platform.report", z.strictObject({ requestId: z.string(), metrics: reportMetrics })),
] as const;

const oldRuntimeDone = event(
  "platform.runtimeDone",
  z.strictObject({ requestId: z.string(), status: z.enum(["success", "failure", "timeout"]) }),
);

/** In every version of the Telemetry API. */
const platform = [
  event("platform.initRuntimeDone", z.strictObject({ initializationType, phase, status, errorType, spans })),
  event("platform.restoreRuntimeDone", z.strictObject({ status, errorType, spans })),
  event(
    "platform.restoreReport",
    z.strictObject({ status, metrics: z.strictObject({ durationMs }).optional(), errorType, spans }),
  ),
  event(
    "platform.report",
    z.strictObject({ requestId: z.string(), metrics: reportMetrics, spans, tracing, errorType, status }),
  ),
] as const;

const initMetrics = z.strictObject({ durationMs });
const runtimeDone = { requestId: z.string(), status, errorType, tracing, spans };
const doneMetrics = z.strictObject({ durationMs, producedBytes: whole.optional() });
const start = { requestId: z.string(), version: z.string().optional(), tracing };

const first = [
  event("platform.initStart", z.strictObject({ initializationType, phase, ...runtime })),
  event("platform.initReport", z.strictObject({ initializationType, phase, metrics: initMetrics, spans })),
  event("platform.restoreStart", z.strictObject({ ...runtime })),
] as const;

const later = [
  event("platform.initStart", z.strictObject({ initializationType, phase, ...environment })),
  event(
    "platform.initReport",
    z.strictObject({ initializationType, phase, status, metrics: initMetrics, errorType, spans }),
  ),
  event("platform.restoreStart", z.strictObject({ ...environment })),
] as const;

const withoutArn = [
  event("platform.start", z.strictObject(start)),
  event("platform.runtimeDone", z.strictObject({ ...runtimeDone, metrics: doneMetrics.optional() })),
] as const;

const tenantId = z.string().optional();
const withArn = [
  event("platform.start", z.strictObject({ ...start, functionArn: z.string(), tenantId })),
  event("platform.runtimeDone", z.strictObject({ ...runtimeDone, tenantId, metrics: doneMetrics.optional() })),
] as const;

const telemetry = {
  "2022-07-01": [...common, ...platform, ...first, ...withoutArn, ...textLines],
  "2022-12-13": [...common, ...platform, ...later, ...withoutArn, ...anyLines],
  "2025-01-29": [...common, ...platform, ...later, ...withArn, ...anyLines],
} as const;

/** One event for a subscriber of `api` with this version. */
export function telemetryEvent(api: TelemetryApi, schemaVersion: SchemaVersion): z.ZodType {
  switch (schemaVersion) {
    case "2020-08-15":
      return z.discriminatedUnion("type", [...common, ...old, ...textLines, ...logsOnly]);
    case "2021-03-18":
      return z.discriminatedUnion("type", [...common, ...old, oldRuntimeDone, ...textLines, ...logsOnly]);
    case "2022-07-01":
      return z.discriminatedUnion("type", [...telemetry["2022-07-01"], ...subscriptions(api)]);
    case "2022-12-13":
      return z.discriminatedUnion("type", [...telemetry["2022-12-13"], ...subscriptions(api)]);
    case "2025-01-29":
      return z.discriminatedUnion("type", [...telemetry["2025-01-29"], ...subscriptions(api)]);
  }
}

function subscriptions(api: TelemetryApi) {
  return api === "Logs" ? logsOnly : telemetryOnly;
}
