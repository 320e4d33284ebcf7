/** Judges how an extension subscribes to telemetry, and how it takes what it is sent. */
import type { TelemetryExpectation } from "./extension-case.ts";
import type { ExtensionEvidence } from "./extension-evidence.ts";
import { named, type SubjectFinding, select, silence } from "./subject-finding.ts";
import { fieldsOf, jsonOf } from "./telemetry-destination.ts";
import { quoted } from "./text-check.ts";

const subscribe = { method: "PUT", path: "/2022-07-01/telemetry" } as const;

export function judgeTelemetry(
  expectation: TelemetryExpectation,
  evidence: ExtensionEvidence,
  timeScale: number,
): SubjectFinding | readonly SubjectFinding[] | undefined {
  if (expectation.type === "delivered") return judgeDelivered(expectation.withinMs * timeScale, evidence);
  const exchange = select(subscribe, evidence);
  if (exchange === undefined) return { expected: named(subscribe), saw: silence(evidence) };
  if (expectation.type === "listens-before-subscribing") {
    if (evidence.listened[0] === true) return undefined;
    const expected = "somebody who listens at the destination when the subscription is sent";
    return { expected, saw: "a connection was refused", exchange };
  }
  const body = jsonOf(exchange.request.body);
  if (expectation.type === "subscription") {
    return subscriptionProblems(body).map((problem) => ({ ...problem, exchange }));
  }
  const port = portOf(fieldsOf(fieldsOf(body).destination));
  if (port !== undefined && port !== expectation.port) return undefined;
  return { expected: `a destination on another port than ${expectation.port}`, saw: String(port), exchange };
}

/** What the Telemetry API takes, as captured from the real one. */
function subscriptionProblems(body: unknown): readonly SubjectFinding[] {
  const { schemaVersion, types, buffering, destination } = fieldsOf(body);
  const problems: SubjectFinding[] = [];
  const need = (holds: boolean, expected: string, value: unknown) => {
    if (!holds) problems.push({ expected, saw: quoted(JSON.stringify(value) ?? "absent") });
  };
  const versions = ["2022-07-01", "2022-12-13", "2025-01-29"];
  need(
    versions.some((version) => version === schemaVersion),
    `schemaVersion: one of ${versions.join(", ")}`,
    schemaVersion,
  );
  const streams: readonly unknown[] = ["platform", "function", "extension"];
  const known = Array.isArray(types) && types.length > 0 && types.every((type) => streams.includes(type));
  need(known, "types: some of platform, function, extension", types);
  for (const [name, min, max] of [
    ["maxItems", 1_000, 10_000],
    ["maxBytes", 262_144, 1_048_576],
    ["timeoutMs", 25, 30_000],
  ] as const) {
    const value = fieldsOf(buffering)[name];
    const inside = typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
    need(value === undefined || value === null || inside, `buffering.${name} from ${min} to ${max}`, value);
  }
  const { protocol, URI: uri } = fieldsOf(destination);
  need(protocol === "HTTP" || protocol === "TCP", "destination.protocol: HTTP or TCP", protocol);
  if (protocol === "HTTP") {
    const reachable = typeof uri === "string" && /^http:\/\/sandbox(\.localdomain)?(:\d+)?(\/|$)/.test(uri);
    need(reachable, "destination.URI: http://sandbox.localdomain with a port", uri);
  }
  return problems;
}

function portOf({ port, URI: uri }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof port === "number") return port;
  return typeof uri === "string" && URL.canParse(uri) ? Number(new URL(uri).port || 80) : undefined;
}

function judgeDelivered(limitMs: number, { deliveries, floorMs }: ExtensionEvidence): readonly SubjectFinding[] {
  if (deliveries.length === 0) return [{ expected: "a delivery of telemetry", saw: "none: nobody has subscribed" }];
  return deliveries.flatMap(({ outcome, tookMs }, index) => {
    const expected = `batch ${index + 1} is taken within ${limitMs} ms`;
    if (outcome !== "taken") return [{ expected, saw: outcome.refused }];
    return tookMs <= limitMs + 2 * floorMs ? [] : [{ expected, saw: `it took ${Math.round(tookMs)} ms` }];
  });
}
