/** The words of the Telemetry API and of the Logs API before it. DG/telemetry-api-reference.html */

/** Two APIs with one list of schemas: the first two are the Logs API's own, the others came with the Telemetry API. */
export type TelemetryApi = "Telemetry" | "Logs";

/** In the order in which Lambda lists them when it refuses another. */
export const schemaVersions = ["2020-08-15", "2021-03-18", "2022-07-01", "2022-12-13", "2025-01-29"] as const;
export type SchemaVersion = (typeof schemaVersions)[number];

/** What can be subscribed to. */
export const telemetryCategories = ["platform", "function", "extension"] as const;
export type TelemetryCategory = (typeof telemetryCategories)[number];

/** What Lambda's parser takes for a type: the platform's events one by one, though only whole categories are on offer. */
export const telemetryTypes = [
  "platform.start",
  "platform.end",
  "platform.report",
  "platform.fault",
  "platform.extension",
  "platform.logsDropped",
  "platform.logsSubscription",
  "platform.telemetrySubscription",
  "platform.runtimeDone",
  "platform.initStart",
  "platform.initRuntimeDone",
  "platform.initReport",
  "platform.restoreStart",
  "platform.restoreRuntimeDone",
  "platform.restoreReport",
  ...telemetryCategories,
] as const;
export type TelemetryType = (typeof telemetryTypes)[number];

/** How events are collected before they are sent. Whichever limit is reached first ends a batch. */
export interface Buffering {
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Where events go, inside the environment. */
export type TelemetryDestination =
  | { readonly protocol: "HTTP"; readonly method: "POST" | "PUT"; readonly port: number; readonly path: string }
  | { readonly protocol: "TCP"; readonly port: number };

/** A subscription as it was granted. */
export interface Subscription {
  readonly api: TelemetryApi;
  readonly schemaVersion: SchemaVersion;
  readonly types: readonly TelemetryCategory[];
  readonly buffering: Buffering;
  readonly destination: TelemetryDestination;
}

/** An event as subscribers read it. */
export interface TelemetryEvent {
  /** With milliseconds and `Z`. */
  readonly time: string;
  readonly type: TelemetryType;
  readonly record: unknown;
}

/** The name of the environment's own machine, as its processes know it; the short one is older. DG/telemetry-api.html and AWS's samples */
export const sandboxHostNames: readonly string[] = ["sandbox.localdomain", "sandbox"];

/** What delivers telemetry says that it is. Seen in real deliveries. */
export const telemetryUserAgent = "awslambda-worker/1.0";
