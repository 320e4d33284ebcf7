/** What `PUT /telemetry` and `PUT /logs` take, and how they refuse the rest. 3.1-3.3 */
import * as assert from "uvu/assert";
import { parseSubscription } from "../../src/protocol/schema/telemetry-request.ts";
import type { TelemetryApi } from "../../src/protocol/telemetry.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a subscription to telemetry");

const destination = { protocol: "HTTP", URI: "http://sandbox.localdomain:4243/telemetry" };
const plain = { schemaVersion: "2025-01-29", types: ["platform"], destination };

function say(body: unknown, api: TelemetryApi = "Telemetry"): string {
  const parsed = parseSubscription(typeof body === "string" ? body : JSON.stringify(body), api);
  if (!("status" in parsed)) return "granted";
  return `${parsed.status} ${parsed.errorType} ${parsed.errorMessage}`;
}

test("is granted with the defaults of the guide", () => {
  assert.equal(parseSubscription(JSON.stringify(plain), "Telemetry"), {
    api: "Telemetry",
    schemaVersion: "2025-01-29",
    types: ["platform"],
    buffering: { maxItems: 10_000, maxBytes: 262_144, timeoutMs: 1_000 },
    destination: { protocol: "HTTP", method: "POST", port: 4_243, path: "/telemetry" },
  });
});

test("keeps what was asked for", () => {
  const asked = {
    ...plain,
    buffering: { maxItems: 1_000, maxBytes: 1_048_576, timeoutMs: 25 },
    destination: { protocol: "HTTP", URI: "http://sandbox:80/a/b?c=d", method: "PUT", encoding: "JSON" },
  };
  const parsed = parseSubscription(JSON.stringify(asked), "Telemetry");
  assert.ok(!("status" in parsed));
  assert.equal(parsed.buffering, asked.buffering);
  assert.equal(parsed.destination, { protocol: "HTTP", method: "PUT", port: 80, path: "/a/b?c=d" });
});

const granted: readonly (readonly [string, object, TelemetryApi?])[] = [
  ["TCP", { ...plain, destination: { protocol: "TCP", port: 4_244 } }],
  ["null where nothing is meant", { ...plain, buffering: null }],
  ["some limits only", { ...plain, buffering: { timeoutMs: 30_000 } }],
  ["fields that nobody knows", { ...plain, more: 1 }],
  ["no path", { ...plain, destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:1" } }],
  ["the Logs API without a version", { types: ["function"], destination }, "Logs"],
  ["the Logs API with a later version", plain, "Logs"],
];
for (const [what, body, api] of granted) test(`is granted with ${what}`, () => assert.is(say(body, api), "granted"));

test("of the Logs API has its first version unless it says otherwise", () => {
  const parsed = parseSubscription(JSON.stringify({ types: ["function"], destination }), "Logs");
  assert.ok(!("status" in parsed) && parsed.schemaVersion === "2020-08-15");
});

const versions = "`2020-08-15`, `2021-03-18`, `2022-07-01`, `2022-12-13`, `2025-01-29`";
const types = [
  "start, end, report, fault, extension, logsDropped, logsSubscription, telemetrySubscription, runtimeDone",
  "initStart, initRuntimeDone, initReport, restoreStart, restoreRuntimeDone, restoreReport",
];
const typeNames = [
  ...types
    .join(", ")
    .split(", ")
    .map((name) => `platform.${name}`),
  "platform",
  "function",
  "extension",
];
const malformed = "400 Telemetry.DeserializationError";
const invalid = "400 Telemetry.ValidationError";
const late = `${invalid} TelemetryAPI only supports the SchemaVersion released after 2021-03-18`;
const to = (uri: string) => ({ ...plain, destination: { protocol: "HTTP", URI: uri } });
const scheme = "403 Telemetry.AccessDenied Only 'http' scheme is supported.";
const host = "403 Telemetry.AccessDenied Only 'sandbox.localdomain' hostname is supported.";

/** The rows of 3.3, without the column, which nobody may count on. */
const refused: readonly (readonly [string, unknown, string])[] = [
  [
    "an unknown version",
    { ...plain, schemaVersion: "2099-01-01" },
    `${malformed} unknown variant \`2099-01-01\`, expected one of ${versions}`,
  ],
  ["no version", { ...plain, schemaVersion: undefined }, late],
  ["a version of the Logs API", { ...plain, schemaVersion: "2021-03-18" }, late],
  ["timeoutMs 0", { ...plain, buffering: { timeoutMs: 0 } }, `${invalid} timeoutMs should be between 25 and 30000`],
  ["timeoutMs 24", { ...plain, buffering: { timeoutMs: 24 } }, `${invalid} timeoutMs should be between 25 and 30000`],
  [
    "timeoutMs 30001",
    { ...plain, buffering: { timeoutMs: 30_001 } },
    `${invalid} timeoutMs should be between 25 and 30000`,
  ],
  [
    "maxBytes 262143",
    { ...plain, buffering: { maxBytes: 262_143 } },
    `${invalid} maxBytes should be between 262144 and 1048576`,
  ],
  [
    "maxBytes 1048577",
    { ...plain, buffering: { maxBytes: 1_048_577 } },
    `${invalid} maxBytes should be between 262144 and 1048576`,
  ],
  ["maxItems 999", { ...plain, buffering: { maxItems: 999 } }, `${invalid} maxItems should be between 1000 and 10000`],
  [
    "maxItems 10001",
    { ...plain, buffering: { maxItems: 10_001 } },
    `${invalid} maxItems should be between 1000 and 10000`,
  ],
  [
    "an unknown type",
    { ...plain, types: ["bogus"] },
    `${malformed} unknown variant \`bogus\`, expected one of ${typeNames.map((name) => `\`${name}\``).join(", ")}`,
  ],
  ["a single event's type", { ...plain, types: ["platform.runtimeDone"] }, `${invalid} Unrecognized enum variant`],
  [
    "the method GET",
    { ...plain, destination: { ...destination, method: "GET" } },
    `${malformed} unknown variant \`GET\`, expected \`POST\` or \`PUT\``,
  ],
  ["https", to("https://sandbox.localdomain:4243"), scheme],
  ["another scheme", to("ftp://sandbox.localdomain:4243"), scheme],
  ["another host", to("http://example.com:4243"), host],
  ["the loopback address", to("http://127.0.0.1:4243"), host],
  ["a host that begins as the right one", to("http://sandbox.localdomain.evil:4243"), host],
  ["a host behind an account", to("http://sandbox.localdomain:80@evil:4243"), host],
  ["no port", to("http://sandbox.localdomain/telemetry"), `${invalid} URI port is not provided`],
  ["what is no URI", to("nonsense"), `${invalid} URI is not valid`],
  [
    "no types and no port",
    { ...to("http://sandbox.localdomain"), types: [] },
    `${invalid} URI port is not provided; types should not be empty`,
  ],
  ["no destination", { ...plain, destination: undefined }, `${malformed} missing field \`destination\``],
  ["no types", { ...plain, types: undefined }, `${malformed} missing field \`types\``],
  [
    "types that are no list",
    { ...plain, types: "platform" },
    `${malformed} invalid type: string "platform", expected array`,
  ],
  [
    "a number as a type",
    { ...plain, types: [1] },
    `${malformed} invalid type: integer \`1\`, expected variant identifier`,
  ],
  [
    "a protocol in small letters",
    { ...plain, destination: { ...destination, protocol: "http" } },
    `${malformed} unknown variant \`http\`, expected \`HTTP\` or \`TCP\``,
  ],
  ["no protocol", { ...plain, destination: {} }, `${malformed} missing field \`protocol\``],
  ["TCP without a port", { ...plain, destination: { protocol: "TCP" } }, `${malformed} missing field \`port\``],
  [
    "a port out of range",
    { ...plain, destination: { protocol: "TCP", port: 70_000 } },
    `${malformed} invalid value: integer \`70000\`, expected a number in range`,
  ],
  ["a list", [], `${malformed} invalid type: sequence, expected object`],
  ["nothing", "", `${malformed} EOF while parsing a value`],
  ["half of a body", '{"types":', `${malformed} `],
  ["what is no JSON", "{nonsense}", `${malformed} expected value`],
];
for (const [what, body, expected] of refused) {
  test(`is refused with ${what}`, () => {
    const said = say(body);
    const placed = expected.startsWith(malformed);
    if (placed) assert.match(said, / at line 1 column \d+$/);
    assert.ok(said.startsWith(expected), `${said}\n${expected}`);
    if (!placed) assert.is(said, expected);
  });
}

test("is refused by the Logs API in its own name", () => {
  assert.match(say({ ...plain, buffering: { maxItems: 1 } }, "Logs"), /^400 Logs\.ValidationError maxItems/);
  assert.match(say({ ...plain, types: ["bogus"] }, "Logs"), /^400 Logs\.DeserializationError /);
});

test("is refused with the place of a value in the body", () => {
  const body = '{"types":["platform"],\n "schemaVersion":"x","destination":{}}';
  assert.match(say(body), / at line 2 column 20$/);
});

test.run();
