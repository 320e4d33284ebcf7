/** Platform events of the Telemetry API's own schemas. DG/telemetry-schema-reference.html; the order of fields is that of real ones */
import type { SchemaVersion } from "../../protocol/telemetry.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import type { Undated } from "./event.ts";
import { billedMs } from "./lines.ts";
import type { PlatformRecord, RecordFacts, Span, Status } from "./record.ts";

/** The events of one record; there is one each. */
export function platformEvents(
  record: PlatformRecord,
  facts: RecordFacts,
  schemaVersion: SchemaVersion,
): readonly Undated[] {
  return [{ type: record.type, record: fieldsOf(record, facts, schemaVersion) }];
}

function fieldsOf(record: PlatformRecord, facts: RecordFacts, schemaVersion: SchemaVersion): unknown {
  const { initializationType } = facts;
  switch (record.type) {
    case "platform.initStart":
      return { initializationType, phase: record.phase, ...environmentFields(facts, schemaVersion) };
    case "platform.initRuntimeDone":
      return { initializationType, phase: record.phase, status: record.status, ...errorTypeOf(record) };
    case "platform.initReport": {
      const { phase, status, durationMs } = record;
      const metrics = { durationMs: rounded(durationMs) };
      if (schemaVersion === "2022-07-01") return { initializationType, phase, metrics };
      return { initializationType, phase, status, metrics, ...errorTypeOf(record) };
    }
    case "platform.extension": {
      const { name, state, events } = record;
      return { name, state, events, ...errorTypeOf(record) };
    }
    case "platform.restoreStart":
      return environmentFields(facts, schemaVersion);
    case "platform.restoreRuntimeDone":
      return { status: record.status, ...errorTypeOf(record) };
    case "platform.restoreReport":
      return { status: record.status, metrics: { durationMs: rounded(record.durationMs) }, ...errorTypeOf(record) };
    case "platform.start":
      return startFields(record, facts, schemaVersion);
    case "platform.runtimeDone":
      return runtimeDoneFields(record, facts, schemaVersion);
    case "platform.report":
      return reportFields(record, facts);
    default:
      return unreachable(record);
  }
}

/** The environment is called by its log stream, and its memory counted in bytes, as the official emulator does. RIE-LMI telemetry/events.go */
function environmentFields(facts: RecordFacts, schemaVersion: SchemaVersion): object {
  const { runtimeVersion, runtimeVersionArn, functionName, version, logStreamName, memoryMb } = facts;
  const runtime = {
    ...(runtimeVersion === undefined ? {} : { runtimeVersion }),
    ...(runtimeVersionArn === undefined ? {} : { runtimeVersionArn }),
  };
  if (schemaVersion === "2022-07-01") return runtime;
  const instance = { instanceId: logStreamName, instanceMaxMemory: memoryMb * 1024 * 1024 };
  return { ...runtime, functionName, functionVersion: version, ...instance };
}

function startFields(
  { requestId }: PlatformRecord & { type: "platform.start" },
  facts: RecordFacts,
  schemaVersion: SchemaVersion,
): object {
  const { version, invocation } = facts;
  const late = schemaVersion === "2025-01-29";
  const arn = late && invocation !== undefined ? { functionArn: invocation.invokedFunctionArn } : {};
  return { requestId, ...arn, version, ...tracingOf(facts), ...(late ? tenantOf(facts) : {}) };
}

function runtimeDoneFields(
  record: PlatformRecord & { type: "platform.runtimeDone" },
  facts: RecordFacts,
  schemaVersion: SchemaVersion,
): object {
  const { requestId, status, durationMs, producedBytes } = record;
  const tenant = schemaVersion === "2025-01-29" ? tenantOf(facts) : {};
  const metrics = { durationMs: rounded(durationMs), producedBytes };
  const said = { ...spansOf(record, facts), metrics };
  return { requestId, status, ...errorTypeOf(record), ...tracingOf(facts), ...tenant, ...said };
}

function reportFields(record: PlatformRecord & { type: "platform.report" }, facts: RecordFacts): object {
  const { requestId, status } = record;
  const metrics = reportMetrics(record, facts);
  return { requestId, metrics, ...spansOf(record, facts), ...tracingOf(facts), ...errorTypeOf(record), status };
}

/** The figures of a report, in every schema; Managed Instances are not billed by the invocation. RIE-LMI telemetry/events_api.go */
export function reportMetrics(record: PlatformRecord & { type: "platform.report" }, facts: RecordFacts): object {
  const { durationMs, initDurationMs, restoreDurationMs } = record;
  if (facts.initializationType === "lambda-managed-instances") return { durationMs: rounded(durationMs) };
  return {
    durationMs: rounded(durationMs),
    billedDurationMs: billedMs(durationMs + (initDurationMs ?? restoreDurationMs ?? 0)),
    memorySizeMB: facts.memoryMb,
    maxMemoryUsedMB: facts.maxMemoryUsedMb,
    ...(initDurationMs === undefined ? {} : { initDurationMs: rounded(initDurationMs) }),
    ...(restoreDurationMs === undefined ? {} : { restoreDurationMs: rounded(restoreDurationMs) }),
  };
}

function spansOf({ spans }: { readonly spans?: readonly Span[] }, { dateOf }: RecordFacts): object {
  if (spans === undefined) return {};
  const dated = spans.map(({ name, startAt, durationMs }) => {
    return { name, start: dateOf(startAt), durationMs: rounded(durationMs) };
  });
  return { spans: dated };
}

/** Of a trace that is sampled, as the official emulator has it. RIE-LMI telemetry/xray/tracer.go */
function tracingOf({ invocation }: RecordFacts): object {
  const value = invocation?.traceId;
  if (value === undefined || !/(^|;)\s*Sampled=1\s*(;|$)/.test(value) || !/(^|;)\s*Root=/.test(value)) return {};
  return { tracing: { type: "X-Amzn-Trace-Id", value } };
}

function tenantOf({ invocation }: RecordFacts): object {
  return invocation?.tenantId === undefined ? {} : { tenantId: invocation.tenantId };
}

function errorTypeOf({ errorType }: { readonly status?: Status; readonly errorType?: string }): object {
  return errorType === undefined ? {} : { errorType };
}

/** Three decimals, as in real ones. */
function rounded(durationMs: number): number {
  return Number(durationMs.toFixed(3));
}
