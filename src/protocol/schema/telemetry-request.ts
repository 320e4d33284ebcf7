import { z } from "zod";
import { limits } from "../limits.ts";
import type { Refusal } from "../refusal.ts";
import {
  type Buffering,
  type SchemaVersion,
  type Subscription,
  sandboxHostNames,
  schemaVersions,
  type TelemetryApi,
  type TelemetryCategory,
  type TelemetryDestination,
  type TelemetryType,
  telemetryCategories,
  telemetryTypes,
} from "../telemetry.ts";

/** What Lambda's parser takes. What it takes and does not grant is refused in other words, by `grant`. */
const request = z.object({
  schemaVersion: z.enum(schemaVersions).nullish(),
  types: z.array(z.enum(telemetryTypes)),
  buffering: z
    .object({
      maxItems: z.int().nonnegative().nullish(),
      maxBytes: z.int().nonnegative().nullish(),
      timeoutMs: z.int().nonnegative().nullish(),
    })
    .nullish(),
  destination: z.discriminatedUnion("protocol", [
    z.object({
      protocol: z.literal("HTTP"),
      URI: z.string(),
      method: z.enum(["POST", "PUT"]).nullish(),
      encoding: z.enum(["JSON"]).nullish(),
    }),
    z.object({ protocol: z.literal("TCP"), port: z.int().min(1).max(65_535) }),
  ]),
});

type Request = z.output<typeof request>;

/** Reads the body of `PUT /telemetry` or `PUT /logs` as Lambda's daemon does: its form, its values, its destination. `only` is a version besides which there is none. */
export function parseSubscription(body: string, api: TelemetryApi, only?: SchemaVersion): Subscription | Refusal {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    return malformed(api, syntaxProblem(body, error));
  }
  const parsed = request.safeParse(json, { reportInput: true });
  const [issue] = parsed.error?.issues ?? [];
  if (issue !== undefined) return malformed(api, `${problem(issue)} at ${place(body, issue.input)}`);
  return parsed.success ? grant(parsed.data, api, only) : malformed(api, "invalid request");
}

function malformed(api: TelemetryApi, errorMessage: string): Refusal {
  return { status: 400, errorType: `${api}.DeserializationError`, errorMessage };
}

/** In the words of Rust's serde_json, which real refusals are in. */
function problem(issue: z.core.$ZodIssue): string {
  const field = issue.path.findLast((part) => typeof part === "string") ?? "";
  if (issue.input === undefined && issue.code !== "invalid_union") return `missing field \`${field}\``;
  switch (issue.code) {
    case "invalid_value":
      return unknownVariant(issue.input, issue.values.map(String));
    case "invalid_union":
      return wrongProtocol(issue.input);
    case "invalid_type":
      return `invalid type: ${nameOf(issue.input)}, expected ${issue.expected}`;
    default:
      return `invalid value: ${nameOf(issue.input)}, expected a number in range`;
  }
}

function wrongProtocol(destination: unknown): string {
  const known = typeof destination === "object" && destination !== null && "protocol" in destination;
  return known ? unknownVariant(destination.protocol, ["HTTP", "TCP"]) : "missing field `protocol`";
}

function unknownVariant(value: unknown, variants: readonly string[]): string {
  if (typeof value !== "string") return `invalid type: ${nameOf(value)}, expected variant identifier`;
  const names = variants.map((name) => `\`${name}\``);
  return `unknown variant \`${value}\`, expected ${names.length > 2 ? `one of ${names.join(", ")}` : names.join(" or ")}`;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "sequence";
  if (typeof value === "object") return "map";
  if (typeof value === "string") return `string ${JSON.stringify(value)}`;
  return `${typeof value === "boolean" ? "boolean" : Number.isInteger(value) ? "integer" : "floating point"} \`${value}\``;
}

/** Behind the value where it first stands, or behind everything; Lambda counts from 1 and nobody should count on it. */
function place(body: string, value: unknown): string {
  const text = typeof value === "object" || value === undefined ? undefined : JSON.stringify(value);
  const found = text === undefined ? -1 : body.indexOf(text);
  const before = body.slice(0, text === undefined || found === -1 ? body.trimEnd().length : found + text.length);
  const lines = before.split("\n");
  return `line ${lines.length} column ${lines.at(-1)?.length ?? 0}`;
}

function syntaxProblem(body: string, error: unknown): string {
  if (body.trim() === "") return "EOF while parsing a value at line 1 column 0";
  const at = / \(line \d+ column \d+\)$/.exec(error instanceof Error ? error.message : "")?.[0];
  return at === undefined
    ? `EOF while parsing an object at ${place(body, undefined)}`
    : `expected value at${at.replace(/[()]/g, "")}`;
}

/** The values that Lambda takes. Several mistakes are told of together, as in DG/runtimes-logs-api.html (2023). */
function grant(
  { schemaVersion, types, buffering, destination }: Request,
  api: TelemetryApi,
  only: SchemaVersion | undefined,
): Subscription | Refusal {
  const target = targetOf(destination);
  const amounts = bufferingOf(buffering ?? {});
  const version = schemaVersion ?? (api === "Logs" ? "2020-08-15" : undefined);
  const mistakes = [
    ...(version === undefined || !speaks(api, version) ? [wrongVersion] : []),
    ...(only === undefined || version === only ? [] : [`schemaVersion should be ${only}`]),
    ...("mistake" in target ? [target.mistake] : []),
    ...(types.length === 0 ? ["types should not be empty"] : []),
    ...(types.every(isCategory) ? [] : ["Unrecognized enum variant"]),
    ...bufferingMistakes(amounts),
  ];
  if (version === undefined || mistakes.length > 0 || "mistake" in target)
    return { status: 400, errorType: `${api}.ValidationError`, errorMessage: mistakes.join("; ") };
  if ("denied" in target) return { status: 403, errorType: `${api}.AccessDenied`, errorMessage: target.denied };
  return { api, schemaVersion: version, types: types.filter(isCategory), buffering: amounts, destination: target };
}

const wrongVersion = "TelemetryAPI only supports the SchemaVersion released after 2021-03-18";

/** The Logs API takes every version. */
function speaks(api: TelemetryApi, version: SchemaVersion): boolean {
  return api === "Logs" || version > "2021-03-18";
}

function isCategory(type: TelemetryType): type is TelemetryCategory {
  return telemetryCategories.some((category) => category === type);
}

function bufferingOf(asked: NonNullable<Request["buffering"]>): Buffering {
  return {
    maxItems: asked.maxItems ?? limits.telemetryItemsDefault,
    maxBytes: asked.maxBytes ?? limits.telemetryBytesDefault,
    timeoutMs: asked.timeoutMs ?? limits.telemetryTimeoutMsDefault,
  };
}

function bufferingMistakes({ maxItems, maxBytes, timeoutMs }: Buffering): readonly string[] {
  const ranges = [
    ["timeoutMs", timeoutMs, limits.telemetryTimeoutMsMin, limits.telemetryTimeoutMsMax],
    ["maxBytes", maxBytes, limits.telemetryBytesMin, limits.telemetryBytesMax],
    ["maxItems", maxItems, limits.telemetryItemsMin, limits.telemetryItemsMax],
  ] as const;
  return ranges.flatMap(([name, value, min, max]) =>
    value < min || value > max ? [`${name} should be between ${min} and ${max}`] : [],
  );
}

type Target = TelemetryDestination | { readonly mistake: string } | { readonly denied: string };

function targetOf(destination: Request["destination"]): Target {
  if (destination.protocol === "TCP") return { protocol: "TCP", port: destination.port };
  const { URI, method } = destination;
  if (!URL.canParse(URI)) return { mistake: "URI is not valid" };
  const { protocol, hostname, port, pathname, search } = new URL(URI);
  if (protocol !== "http:") return { denied: "Only 'http' scheme is supported." };
  if (!sandboxHostNames.includes(hostname)) return { denied: "Only 'sandbox.localdomain' hostname is supported." };
  // The port that goes without saying is not said by `URL` either.
  const said = port === "" && /^http:\/\/[^/?#]*:80(?:[/?#]|$)/i.test(URI) ? "80" : port;
  if (said === "") return { mistake: "URI port is not provided" };
  return { protocol: "HTTP", method: method ?? "POST", port: Number(said), path: `${pathname}${search}` };
}
