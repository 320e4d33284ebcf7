/** Events as subscribers read them: the record of each, by schema, with Lambda's order of fields. */
import {
  type SchemaVersion,
  type Subscription,
  type TelemetryApi,
  type TelemetryCategory,
  type TelemetryEvent,
  telemetryCategories,
} from "../../protocol/telemetry.ts";
import type { Amount } from "./delivery-model.ts";
import { legacyEvents } from "./legacy-event.ts";
import { platformEvents } from "./platform-event.ts";
import type { PlatformRecord, RecordFacts } from "./record.ts";

/** What decides the words that a subscriber gets. */
export type Dialect = Pick<Subscription, "api" | "schemaVersion">;

/** An event without its time. */
export type Undated = Omit<TelemetryEvent, "time">;

/** Something that happened in an environment; each subscriber is told of it in its own words. */
export type Happening =
  | { readonly type: "record"; readonly record: PlatformRecord; readonly facts: RecordFacts }
  | {
      readonly type: "line";
      readonly category: "function" | "extension";
      readonly text: string;
      readonly json: boolean;
    }
  | {
      readonly type: "subscription";
      readonly name: string;
      readonly state: SubscriptionState;
      readonly subscription: Subscription;
    }
  | { readonly type: "loss"; readonly lost: Amount };

/** The second is of an extension that had subscribed before. */
export type SubscriptionState = "Subscribed" | "Already subscribed";

/** The events of a happening, for whoever subscribed to its category; none where the schema has no such event. */
export function eventsOf(happening: Happening, dialect: Dialect): readonly Undated[] {
  switch (happening.type) {
    case "record":
      return recordEvents(happening.record, happening.facts, dialect);
    case "line":
      return [{ type: happening.category, record: lineRecord(happening, dialect.schemaVersion) }];
    case "subscription":
      return happening.subscription.api === dialect.api ? [subscriptionEvent(happening)] : [];
    case "loss":
      return [lossEvent(happening.lost)];
  }
}

export function categoryOf(happening: Happening): TelemetryCategory {
  return happening.type === "line" ? happening.category : "platform";
}

function recordEvents(record: PlatformRecord, facts: RecordFacts, { api, schemaVersion }: Dialect): readonly Undated[] {
  return (api === "Telemetry" ? platformEvents : legacyEvents)(record, facts, schemaVersion);
}

/** A line with its newline, as text; what the function wrote as a JSON object is one, in JSON format and later schemas. */
function lineRecord({ text, json }: Happening & { type: "line" }, schemaVersion: SchemaVersion): unknown {
  const object = json && schemaVersion >= "2022-12-13" ? jsonObject(text) : undefined;
  return object ?? `${text}\n`;
}

/** The object that a line of a log is, or undefined where it is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    // as: what begins with a brace and is JSON is an object
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

export function subscriptionEvent({ name, state, subscription }: Happening & { type: "subscription" }): Undated {
  return { type: subscriptionType[subscription.api], record: { name, state, types: subscription.types } };
}

const subscriptionType = {
  Telemetry: "platform.telemetrySubscription",
  Logs: "platform.logsSubscription",
} as const satisfies Record<TelemetryApi, string>;

/** The sentence is that of DG/telemetry-schema-reference.html. */
export function lossEvent({ records, bytes }: Amount): Undated {
  const reason = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.";
  return { type: "platform.logsDropped", record: { droppedBytes: bytes, droppedRecords: records, reason } };
}

/** The line that Lambda writes in Text format when an extension has subscribed. Seen in logs of real functions. */
export function subscriptionLine({ name, state, subscription }: Happening & { type: "subscription" }): string {
  const word = subscription.api === "Telemetry" ? "TELEMETRY" : "LOGS";
  const known = telemetryCategories.filter((category) => subscription.types.includes(category));
  const types = known.map((category) => `${category.charAt(0).toUpperCase()}${category.slice(1)}`);
  return `${word}\tName: ${name}\tState: ${state}\tTypes: [${types.join(", ")}]`;
}
