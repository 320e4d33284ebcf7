import type { FlushStrategy } from "bootlace/extension";

/** The three kinds of OTLP requests, by the words of their paths and variables. */
export const signals = ["traces", "logs", "metrics"] as const;
export type Signal = (typeof signals)[number];

/** Where one kind goes, and how it is written. */
export interface Destination {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly format: "http/protobuf" | "http/json";
  readonly compression: "gzip" | "none";
}

export interface Settings {
  readonly destinations: Readonly<Partial<Record<Signal, Destination>>>;
  /** One attempt may take so long, all three kinds together. */
  readonly timeoutMs: number;
  readonly flush: FlushStrategy;
  readonly temporality: "cumulative" | "delta";
  /** Of the resource; they win over what is known of the function. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What was not understood, and what is done instead. */
  readonly warnings: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The specification has 10 s, which a caller would have to pay for in each invocation while a backend is down. */
const timeoutMsUsual = 1_000;

/**
 * Reads the variables of OpenTelemetry's "OTLP exporter configuration" and "SDK environment variables". What cannot be
 * understood is ignored with a warning, as these ask: telemetry must not stop a function.
 */
export function settingsOf(variables: Variables): Settings {
  // A set, since a variable of all signals is read once for each.
  const warnings = new Set<string>();
  const read: Reader = {
    value: (name) => variables[name]?.trim() || undefined,
    warn: (sentence) => void warnings.add(sentence),
  };
  const isDisabled = read.value("OTEL_SDK_DISABLED")?.toLowerCase() === "true";
  const destinations = Object.fromEntries(
    signals.flatMap((signal) => {
      const destination = isDisabled ? undefined : destinationOf(signal, read);
      return destination === undefined ? [] : [[signal, destination] as const];
    }),
  );
  const name = read.value("OTEL_SERVICE_NAME");
  return {
    destinations,
    timeoutMs: timeoutOf(read),
    flush: flushOf(read),
    temporality: temporalityOf(read),
    attributes: {
      ...pairs("OTEL_RESOURCE_ATTRIBUTES", read),
      ...(name === undefined ? {} : { "service.name": name }),
    },
    warnings: [...warnings],
  };
}

interface Reader {
  value(name: string): string | undefined;
  warn(sentence: string): void;
}

function destinationOf(signal: Signal, read: Reader): Destination | undefined {
  const exporter = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const chosen = read.value(exporter) ?? "otlp";
  if (chosen === "none") return undefined;
  if (chosen !== "otlp") read.warn(`"${exporter}" takes otlp or none, not "${chosen}": otlp is used`);
  const url = urlOf(signal, read);
  if (url === undefined) return undefined;
  const of = <Choice extends string>(word: string, choices: readonly [Choice, ...Choice[]]) =>
    choice(specific(signal, word, read), choices, read);
  return {
    url,
    headers: { ...pairs("OTEL_EXPORTER_OTLP_HEADERS", read), ...pairs(nameOf(signal, "HEADERS"), read) },
    format: of("PROTOCOL", ["http/protobuf", "http/json"]),
    compression: of("COMPRESSION", ["none", "gzip"]),
  };
}

/** The endpoint of one kind is taken as it is; to the common one the path of the kind is added. */
function urlOf(signal: Signal, read: Reader): string | undefined {
  const own = read.value(nameOf(signal, "ENDPOINT"));
  const base = read.value("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4318";
  const url = own ?? `${base.replace(/\/+$/, "")}/v1/${signal}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  read.warn(`No ${signal} are sent: the endpoint takes an http or https URL, not "${own ?? base}"`);
  return undefined;
}

/** The variable that decides. */
function specific(signal: Signal, word: string, read: Reader): string {
  const own = nameOf(signal, word);
  return read.value(own) === undefined ? `OTEL_EXPORTER_OTLP_${word}` : own;
}

function nameOf(signal: Signal, word: string): string {
  return `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${word}`;
}

function choice<Choice extends string>(
  name: string,
  [usual, ...others]: readonly [Choice, ...Choice[]],
  read: Reader,
): Choice {
  const given = read.value(name);
  const found = [usual, ...others].find((known) => known === given);
  if (given !== undefined && found === undefined)
    read.warn(`"${name}" takes ${[usual, ...others].join(" or ")}, not "${given}": ${usual} is used`);
  return found ?? usual;
}

function timeoutOf(read: Reader): number {
  const given = read.value("OTEL_EXPORTER_OTLP_TIMEOUT");
  if (given === undefined) return timeoutMsUsual;
  const timeoutMs = wholeNumber(given);
  if (timeoutMs !== undefined) return timeoutMs;
  read.warn(`"OTEL_EXPORTER_OTLP_TIMEOUT" takes milliseconds, not "${given}": ${timeoutMsUsual} are used`);
  return timeoutMsUsual;
}

/** Ours: OpenTelemetry has no word for when a frozen environment sends. */
function flushOf(read: Reader): FlushStrategy {
  const given = read.value("BOOTLACE_OTLP_FLUSH") ?? "invocation";
  if (given === "invocation" || given === "shutdown") return given;
  const everyMs = wholeNumber(given);
  if (everyMs !== undefined) return { everyMs };
  read.warn(`"BOOTLACE_OTLP_FLUSH" takes invocation, shutdown or milliseconds, not "${given}": invocation is used`);
  return "invocation";
}

/** "lowmemory" means delta for every instrument that is used here. */
function temporalityOf(read: Reader): Settings["temporality"] {
  const name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
  const given = read.value(name)?.toLowerCase() ?? "cumulative";
  if (given === "cumulative") return given;
  if (given === "delta" || given === "lowmemory") return "delta";
  read.warn(`"${name}" takes cumulative, delta or lowmemory, not "${given}": cumulative is used`);
  return "cumulative";
}

/** `key=value,key=value`, where both may be percent-encoded. Values are often secret, so no warning repeats them. */
function pairs(name: string, read: Reader): Readonly<Record<string, string>> {
  const parts = (read.value(name) ?? "").split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(
    parts.flatMap((part) => {
      const [key = "", ...rest] = part.split("=");
      const pair = [decoded(key), decoded(rest.join("="))] as const;
      if (rest.length > 0 && pair[0] !== "") return [pair];
      read.warn(`"${name}" takes key=value pairs with commas between them: one that is none is left out`);
      return [];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}

function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
