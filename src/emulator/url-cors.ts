/** The CORS settings of a function URL, and what they put into answers. https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html */
import { z } from "zod";
import { limits } from "../protocol/limits.ts";

const strings = (itemsMax: number, charactersMin: number, charactersMax: number) =>
  z.array(z.string().min(charactersMin).max(charactersMax)).max(itemsMax).default([]);

/** Named as CreateFunctionUrlConfig names them, with the ranges of its reference page. */
export const urlCors = z.strictObject({
  AllowCredentials: z.boolean().default(false),
  AllowHeaders: strings(limits.corsHeadersMax, 0, limits.corsHeaderCharactersMax),
  AllowMethods: strings(limits.corsMethodsMax, 0, limits.corsMethodCharactersMax),
  AllowOrigins: strings(limits.corsOriginsMax, 1, limits.corsOriginCharactersMax),
  ExposeHeaders: strings(limits.corsHeadersMax, 0, limits.corsHeaderCharactersMax),
  /** Seconds for which a browser may keep the answer to a preflight request. */
  MaxAge: z.int().min(0).max(limits.corsMaxAgeSecondsMax).default(0),
});

export type UrlCors = z.output<typeof urlCors>;
export type UrlCorsInput = z.input<typeof urlCors>;

/** Settings that Lambda would not take; the message names the field. `code` is `INVALID_CORS`. */
export class InvalidCorsError extends Error {
  readonly code = "INVALID_CORS";
}

/** The settings with their defaults, or one sentence about the first that is wrong. */
export function parseUrlCors(input: unknown): UrlCors {
  const parsed = urlCors.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "settings";
  throw new InvalidCorsError(
    `The CORS settings are not Lambda's: ${where}: ${issue?.message} (the fields are ${Object.keys(urlCors.shape).join(", ")})`,
  );
}

/** What a browser tells of the page that asks. */
export interface CorsRequest {
  readonly method: string;
  readonly origin: string | undefined;
  /** `Access-Control-Request-Method`: only a preflight request has it. */
  readonly requestedMethod: string | undefined;
}

export type CorsHeaders = Readonly<Record<string, string>>;

/**
 * The answer to a preflight request, which the URL gives itself and no function sees; undefined for any other request.
 * An origin that is not allowed gets an answer without a word about CORS, which is how browsers are told no.
 */
export function preflightHeaders(cors: UrlCors, request: CorsRequest): CorsHeaders | undefined {
  if (request.method !== "OPTIONS" || request.origin === undefined || request.requestedMethod === undefined)
    return undefined;
  const allowed = allowedOrigin(cors, request.origin);
  if (allowed === undefined) return { vary };
  return {
    ...allowed,
    ...list("access-control-allow-methods", cors.AllowMethods),
    ...list("access-control-allow-headers", cors.AllowHeaders),
    "access-control-max-age": String(cors.MaxAge),
  };
}

/** What is added to the answer of any other request: beside the function's own headers, even where they say the same. DG/urls-configuration.html */
export function corsHeaders(cors: UrlCors, { origin }: CorsRequest): CorsHeaders {
  const allowed = origin === undefined ? undefined : allowedOrigin(cors, origin);
  if (allowed === undefined) return { vary };
  return { ...allowed, ...list("access-control-expose-headers", cors.ExposeHeaders) };
}

const vary = "Origin";

/** With credentials a wildcard would mean nothing to a browser, and the service names the page's own origin instead. */
function allowedOrigin({ AllowOrigins, AllowCredentials }: UrlCors, origin: string): CorsHeaders | undefined {
  const any = AllowOrigins.includes("*");
  if (!any && !AllowOrigins.includes(origin)) return undefined;
  return {
    vary,
    "access-control-allow-origin": any && !AllowCredentials ? "*" : origin,
    ...(AllowCredentials ? { "access-control-allow-credentials": "true" } : {}),
  };
}

function list(name: string, values: readonly string[]): CorsHeaders {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}
