import { unreachable } from "../protocol/unreachable.ts";
import type { EmulatorEvidence } from "./emulator-evidence.ts";
import type { EmulatorExpectation } from "./emulator-expectation.ts";
import type { Mismatch } from "./judge-answer.ts";
import { fillPlaceholders } from "./placeholders.ts";
import { eventsIn, type TelemetryBatch } from "./puppet-listener.ts";

export type TelemetryExpectation = EmulatorExpectation & { readonly type: `telemetry-${string}` };

/** What an extension heard on the port that it subscribed. */
export function judgeTelemetryHeard(
  expectation: TelemetryExpectation,
  { telemetry, exchanges }: EmulatorEvidence,
): Mismatch | undefined {
  const batches = telemetry.get(expectation.of) ?? [];
  const types = eventsIn(batches).map(({ type }) => type);
  switch (expectation.type) {
    case "telemetry-order":
      return judgeOrder(expectation, types);
    case "telemetry-only": {
      const { of, events } = expectation;
      const expected = `"${of}" hears of ${events.join(", ")} and of nothing else`;
      const passes = types.length > 0 && types.every((type) => events.includes(type));
      return passes ? undefined : { expected, saw: listed(types) };
    }
    case "telemetry-record":
      return judgeRecord(expectation, batches, (text) => fillPlaceholders(text, { requestId: "", exchanges }));
    case "telemetry-batches":
      return judgeBatches(expectation, batches);
    case "telemetry-again": {
      const refused = batches.filter(({ status }) => status >= 300);
      const taken = batches.filter(({ status }) => status < 300).map(({ body }) => body.toString());
      const first = refused[0]?.body.toString().slice(1, -1);
      const again = first !== undefined && taken.some((body) => body.includes(first));
      const expected = `"${expectation.of}" hears again what it has refused`;
      return again ? undefined : { expected, saw: `${refused.length} refused, ${taken.length} taken` };
    }
    default:
      return unreachable(expectation);
  }
}

function judgeOrder(
  { of, events }: EmulatorExpectation & { type: "telemetry-order" },
  types: readonly string[],
): Mismatch | undefined {
  let found = 0;
  for (const type of types) if (type === events[found]) found += 1;
  if (found === events.length) return undefined;
  return { expected: `"${of}" hears of ${events.join(", ")} in this order`, saw: listed(types) };
}

function judgeRecord(
  { of, event, index = 0, fields }: EmulatorExpectation & { type: "telemetry-record" },
  batches: readonly TelemetryBatch[],
  fill: (text: string) => string,
): Mismatch | undefined {
  const ofType = eventsIn(batches).filter(({ type }) => type === event);
  // A subscription may outlive a reset, and then it begins with the report of an invocation of before.
  const { requestId } = fields;
  const own = typeof requestId === "string" ? new RegExp(fill(requestId)) : /^/;
  const found = ofType.filter(({ record }) => own.test(String(valueAt(record, "requestId"))))[index] ?? ofType[index];
  const expected = `"${of}" hears of ${event} with ${JSON.stringify(fields)}`;
  if (found === undefined) return { expected, saw: listed(eventsIn(batches).map(({ type }) => type)) };
  const passes = Object.entries(fields).every(([path, pattern]) => {
    const value = valueAt(found.record, path);
    if (pattern === null || value === undefined) return pattern === null && value === undefined;
    return new RegExp(fill(pattern)).test(typeof value === "object" ? JSON.stringify(value) : String(value));
  });
  return passes ? undefined : { expected, saw: JSON.stringify(found.record).slice(0, 300) };
}

/** The record itself where the path is empty. */
function valueAt(record: unknown, path: string): unknown {
  if (path === "") return record;
  return path.split(".").reduce<unknown>((value, name) => {
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
  }, record);
}

function judgeBatches(
  { of, itemsMax }: EmulatorExpectation & { type: "telemetry-batches" },
  batches: readonly TelemetryBatch[],
): Mismatch | undefined {
  const expected = `"${of}" hears JSON arrays of 1 to ${itemsMax} events, each request with a sequence-id`;
  if (batches.length === 0) return { expected, saw: "nothing came" };
  for (const batch of batches) {
    const count = eventsIn([batch]).length;
    const array = batch.body.toString().startsWith("[");
    const passes = array && count >= 1 && count <= itemsMax && batch.sequenceId !== "";
    const said = `${count} events, sequence-id "${batch.sequenceId}", ${batch.contentType}`;
    if (!passes || !batch.contentType.startsWith("application/json")) return { expected, saw: said };
  }
  return undefined;
}

function listed(types: readonly string[]): string {
  return types.length === 0 ? "nothing" : types.join(", ");
}
