import { type Attributes, type SpanContext, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { TelemetryStatus } from "bootlace/extension";
import type { InvocationFacts } from "./invocation.ts";
import { epochMs, hrTime, type OtlpResource, type OtlpSpan, scope } from "./otlp-types.ts";
import { childOf, type InvocationTrace } from "./trace-context.ts";

/** An Init or Restore phase that is over. */
export interface PhaseFacts {
  readonly name: "init" | "restore";
  readonly startMs: number;
  readonly durationMs: number;
  /** Lambda's word, such as `on-demand`. */
  readonly initializationType?: string;
  readonly status?: TelemetryStatus;
  readonly errorType?: string;
}

/** What all spans of an environment have in common. */
export interface SpanSource {
  readonly resource: OtlpResource;
  readonly functionName: string;
}

/** The span of an invocation, named after the function, and those that Lambda measures inside it. */
export function invocationSpans(
  facts: InvocationFacts,
  trace: InvocationTrace,
  isCold: boolean,
  { resource, functionName }: SpanSource,
): readonly OtlpSpan[] {
  const { startMs, endMs, status, errorType, spans } = facts;
  return [
    {
      ...span(functionName, trace.context, startMs, endMs, resource),
      kind: SpanKind.SERVER,
      ...(trace.parent === undefined ? {} : { parentSpanContext: trace.parent }),
      attributes: { ...attributesOf(facts), "faas.coldstart": isCold, ...errorAttribute(status, errorType) },
      status: statusOf(status, errorType),
    },
    ...spans.map(({ name, start, durationMs }) => {
      const begun = epochMs(start);
      return {
        ...span(name, childOf(trace.context), begun, begun + durationMs, resource),
        parentSpanContext: trace.context,
      };
    }),
  ];
}

/** The span of a phase; below the invocation that waited for it, or alone where none came. */
export function phaseSpan(
  { name, startMs, durationMs, initializationType, status, errorType }: PhaseFacts,
  context: SpanContext,
  parent: SpanContext | undefined,
  { resource }: SpanSource,
): OtlpSpan {
  return {
    ...span(name, context, startMs, startMs + durationMs, resource),
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    attributes: {
      ...(initializationType === undefined ? {} : { "lambda.initialization_type": initializationType }),
      ...(status === undefined ? {} : errorAttribute(status, errorType)),
    },
    status: status === undefined ? { code: SpanStatusCode.UNSET } : statusOf(status, errorType),
  };
}

/** `aws.` and `faas.` are OpenTelemetry's own: what its conventions do not name is said under `lambda.`. */
function attributesOf({ requestId, billedMs, memoryBytes, responseBytes, ...facts }: InvocationFacts): Attributes {
  const account = facts.functionArn?.split(":")[4];
  return {
    "faas.invocation_id": requestId,
    ...(facts.functionArn === undefined ? {} : { "aws.lambda.invoked_arn": facts.functionArn }),
    ...(account === undefined ? {} : { "cloud.account.id": account }),
    ...(facts.status === undefined ? {} : { "lambda.status": facts.status }),
    ...(facts.tenantId === undefined ? {} : { "lambda.tenant_id": facts.tenantId }),
    ...(billedMs === undefined ? {} : { "lambda.billed_duration_ms": billedMs }),
    ...(memoryBytes === undefined ? {} : { "lambda.max_memory_used": memoryBytes }),
    ...(responseBytes === undefined ? {} : { "lambda.response_size": responseBytes }),
  };
}

function errorAttribute(status: TelemetryStatus | undefined, errorType: string | undefined): Attributes {
  return status === "success" ? {} : { "error.type": errorType ?? status ?? "unknown" };
}

function statusOf(status: TelemetryStatus | undefined, errorType: string | undefined): OtlpSpan["status"] {
  if (status === "success") return { code: SpanStatusCode.UNSET };
  const message = status === undefined ? "The environment ended before Lambda said how this went" : errorType;
  return { code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) };
}

function span(name: string, context: SpanContext, startMs: number, endMs: number, resource: OtlpResource): OtlpSpan {
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => context,
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: { code: SpanStatusCode.UNSET },
    attributes: {},
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
