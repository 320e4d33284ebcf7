/** Platform events of the Logs API. DG/runtimes-logs-api.html (2023) */
import type { SchemaVersion } from "../../protocol/telemetry.ts";
import type { Undated } from "./event.ts";
import { platformEvents, reportMetrics } from "./platform-event.ts";
import type { PlatformRecord, RecordFacts } from "./record.ts";

/** The events of one record: what the schema has for it and, in every schema, an end and a fault of invocations. */
export function legacyEvents(
  record: PlatformRecord,
  facts: RecordFacts,
  schemaVersion: SchemaVersion,
): readonly Undated[] {
  const said = (schemaVersion > "2021-03-18" ? platformEvents : oldEvents)(record, facts, schemaVersion);
  if (record.type === "platform.runtimeDone" && record.cause !== undefined) {
    return [...said, { type: "platform.fault", record: `RequestId: ${record.requestId} Error: ${record.cause}` }];
  }
  if (record.type !== "platform.report") return said;
  return [{ type: "platform.end", record: { requestId: record.requestId } }, ...said];
}

/** The two schemas that the Logs API began with know nothing of Init, and the first nothing of the runtime's end. */
function oldEvents(record: PlatformRecord, facts: RecordFacts, schemaVersion: SchemaVersion): readonly Undated[] {
  switch (record.type) {
    case "platform.start":
      return [{ type: record.type, record: { requestId: record.requestId, version: facts.version } }];
    case "platform.runtimeDone":
      return schemaVersion === "2020-08-15" ? [] : [{ type: record.type, record: doneFields(record) }];
    case "platform.report": {
      const { type, requestId } = record;
      return [{ type, record: { requestId, metrics: reportMetrics(record, facts) } }];
    }
    case "platform.extension": {
      const { type, name, state, events } = record;
      return [{ type, record: { name, state, events } }];
    }
    default:
      return [];
  }
}

/** Three words are documented; a crash is a failure. */
function doneFields({ requestId, status }: PlatformRecord & { type: "platform.runtimeDone" }): object {
  return { requestId, status: status === "error" ? "failure" : status };
}
