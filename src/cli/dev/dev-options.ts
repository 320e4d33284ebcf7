/** What "bootlace dev" takes, and what of it a function, its URL and its debugger get. */
import { existsSync } from "node:fs";
import type { Debugging } from "../../emulator/environment-options.ts";
import { parseUrlCors, type UrlCorsInput } from "../../emulator/url-cors.ts";
import { oneOf, wholeNumber } from "../command.ts";
import { UsageError } from "../failure.ts";
import { functionOptions } from "../function-options.ts";
import { readInput } from "../input-file.ts";
import type { DescribedOptions } from "../options-help.ts";

export const devOptions = {
  port: { type: "string", default: "9000", takes: "PORT", says: "0 takes a free one" },
  concurrency: { type: "string", default: "10", takes: "N", says: "environments at once, then 429" },
  url: { type: "string", takes: "PORT", says: "a function URL without authentication; 0 takes a free port" },
  "invoke-mode": {
    type: "string",
    default: "BUFFERED",
    takes: "MODE",
    says: "of the URL: BUFFERED or RESPONSE_STREAM",
  },
  cors: {
    type: "string",
    takes: "JSON|FILE",
    says: 'of the URL, as CreateFunctionUrlConfig takes it: {"AllowOrigins":["*"],…}',
  },
  pace: { type: "boolean", default: false, says: "streams slow down after 6 MiB, as documented" },
  "isolate-tenants": {
    type: "boolean",
    default: false,
    says: "every invocation names its tenant, and each has its own environments",
  },
  "no-build": { type: "boolean", default: false, says: "run TypeScript as it lies there, in place of a bundle" },
  "no-watch": { type: "boolean", default: false, says: "do not take changes over" },
  inspect: { type: "string", takes: "[=PORT]", says: "a debugger can attach to the function", normally: "9229" },
  "inspect-brk": {
    type: "string",
    takes: "[=PORT]",
    says: "as --inspect, and the function waits for it",
    normally: "9229",
  },
  ...functionOptions,
  json: {
    type: "boolean",
    default: false,
    says: "one JSON document a line: ready, log, fault, lost-work, reloaded\nand reload-failed",
  },
} as const satisfies DescribedOptions;

export const portRange = { min: 0, max: 65_535 };

interface UrlValues {
  readonly url?: string | undefined;
  readonly "invoke-mode": string;
  readonly cors?: string | undefined;
}

/** Undefined where the function is to have no URL. */
export function urlOptions({ url, "invoke-mode": mode, cors }: UrlValues) {
  const checked = { mode: oneOf("invoke-mode", mode, ["BUFFERED", "RESPONSE_STREAM"] as const), cors: corsOf(cors) };
  if (url === undefined && cors !== undefined) throw new UsageError('Option "--cors" is about the URL: add "--url"');
  if (url === undefined) return undefined;
  return { port: wholeNumber("url", url, portRange), ...checked };
}

function corsOf(value: string | undefined): UrlCorsInput | undefined {
  if (value === undefined) return undefined;
  const text = existsSync(value) ? readInput(value, "CORS file").toString() : value;
  try {
    return parseUrlCors(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(
      `Option "--cors" takes JSON such as '{"AllowOrigins":["*"]}', or a file of it, not "${value}"`,
    );
  }
}

/** Node's own spelling: `--inspect`, or `--inspect=9230`. */
export function withInspectPort(arg: string): string {
  return arg === "--inspect" || arg === "--inspect-brk" ? `${arg}=9229` : arg;
}

interface DebuggingValues {
  readonly inspect?: string;
  readonly "inspect-brk"?: string;
  readonly network?: string;
}

export function debuggingOf(values: DebuggingValues): Debugging | undefined {
  const { inspect, "inspect-brk": waiting } = values;
  const option = waiting === undefined ? "inspect" : "inspect-brk";
  const given = waiting ?? inspect;
  if (given === undefined) return undefined;
  if (values.network !== undefined && values.network !== "host")
    throw new UsageError(`A debugger reaches the function over this machine's network: leave "--network" out`);
  return { address: `127.0.0.1:${wholeNumber(option, given, { min: 1, max: 65_535 })}`, waits: waiting !== undefined };
}
